/**
 * The examples of the documents, run one after the other as they stand there, against an engine with something to show. Each
 * has to succeed, and to print what the page says.
 */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { startWorld, type World } from '../e2e/world.ts'
import { Receiver } from '../worker/receiver.ts'
import { readExamples } from './runnable.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const PAGES = ['cli.md', 'operate.md']
const TOKEN = 'example-token'

const run = promisify(execFile)

/** An engine on `data` in a folder, with three dead letters of the webhook `crm`, whose server works again. */
async function startExampleEngine(folder: string): Promise<World> {
  const receiver = await Receiver.start()
  onTestFinished(() => receiver[Symbol.asyncDispose]())
  receiver.answer = (_, response) => response.writeHead(400).end()
  const world = await startWorld(
    `workers: 0
store: { engine: embedded, path: ${join(folder, 'data')}, minFree: 0B }
auth: { tokens: [{ name: night-shift, secret: { env: TOKEN }, may: [manage, send, invoke] }] }
webhooks:
  - { id: crm, profile: custom, on: [call.end], method: POST, url: '${receiver.origin}', body: '%callid%', retry: { schedule: [0s] } }
`,
    { TOKEN },
  )
  for (const callid of ['1', '2', '3']) {
    const event = { type: 'call.end', subject: `call-${callid}`, data: { callid } }
    await world.post('/v1/events', event, { authorization: `Bearer ${TOKEN}` })
  }
  await expect.poll(() => world.service.engine.stats()['outbox']).toMatchObject({ pending: 0, dead: 3 })
  receiver.answer = (_, response) => response.end()
  return world
}

/** Lets programs in `folder` import the package's client as users would; the source of this checkout is what they get. */
function offerClient(folder: string): void {
  const home = join(folder, 'node_modules', 'switchhook')
  mkdirSync(home, { recursive: true })
  writeFileSync(join(home, 'package.json'), '{ "type": "module", "exports": { "./client": "./client.js" } }')
  const source = pathToFileURL(join(ROOT, 'src', 'client', 'client.ts')).href
  writeFileSync(join(home, 'client.js'), `export * from ${JSON.stringify(source)}\n`)
}

test.each(PAGES)(
  'the examples of docs/%s do what the page says',
  async (page) => {
    const folder = mkdtempSync(join(tmpdir(), 'switchhook-docs-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const world = await startExampleEngine(folder)
    offerClient(folder)
    const examples = readExamples(readFileSync(join(ROOT, 'docs', page), 'utf8'))
    expect(examples).not.toEqual([])
    const path = [dirname(process.execPath), join(ROOT, 'node_modules', '.bin'), process.env['PATH']].join(delimiter)
    const env = { ...process.env, PATH: path, SWITCHHOOK_URL: world.url, SWITCHHOOK_TOKEN: TOKEN }
    for (const { line, script, prints } of examples) {
      const { stdout } = await run('bash', ['-e', '-u', '-o', 'pipefail', '-c', script], { cwd: folder, env })
      if (prints !== undefined) expect(JSON.parse(stdout), `line ${line} of ${page}`).toEqual(JSON.parse(prints))
    }
  },
  60_000,
)

test('a block is an example where it says so, and JSON right below it is what it prints', () => {
  const page = [
    '```sh runnable',
    'a',
    'b',
    '```',
    '',
    '```json',
    '{"c":1}',
    '```',
    '```sh',
    'd',
    '```',
    '```sh runnable',
    'e',
    '```',
    '',
    'f',
  ]
  expect(readExamples(page.join('\n'))).toEqual([
    { line: 1, script: 'a\nb', prints: '{"c":1}' },
    { line: 12, script: 'e', prints: undefined },
  ])
})
