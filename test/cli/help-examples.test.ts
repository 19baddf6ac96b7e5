/** The example in each command's help is run as it stands there, in a folder and beside an engine with something to show. */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { commands } from '../../src/cli/commands.ts'
import { startWorld, type World } from '../e2e/world.ts'
import { Receiver } from '../worker/receiver.ts'
import { startCommand } from './run-command.ts'

const BIN = join(import.meta.dirname, '..', '..', 'node_modules', '.bin')

/** What says that a command has begun which goes on until it is told to end. */
const GOING_ON: ReadonlyMap<string, RegExp> = new Map([
  ['serve', /listening at /],
  ['sink', /listening at /],
  ['tail', /watching /],
])

/** The id that stands in examples, for one that there is. */
const EXAMPLE_ID = '0665f3a1c8de00000000000001-0'

async function prepare(): Promise<{ readonly folder: string; readonly world: World; readonly id: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'switchhook-examples-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const receiver = await Receiver.start()
  onTestFinished(() => receiver[Symbol.asyncDispose]())
  receiver.answer = ({ url }, response) => {
    if (url === '/crm') response.writeHead(400).end()
    else response.setHeader('content-type', 'text/plain').end('Good day')
  }
  const world = await startWorld(`workers: 0
store: { engine: embedded, path: ${join(folder, 'data')}, minFree: 0B }
webhooks:
  - { id: crm, profile: custom, on: [call.end], method: POST, url: '${receiver.origin}/crm', body: '%callid%', retry: { schedule: [0s] } }
  - { id: ivr, profile: dialogtech-ivr, url: '${receiver.origin}/ivr' }
`)
  await world.post('/v1/events', { type: 'call.end', id: 'e1', subject: 'call-1', data: { callid: '1' } })
  await expect.poll(async () => (await world.service.engine.stats())['outbox']).toMatchObject({ dead: 1 })
  mkdirSync(join(folder, 'examples'))
  const files = {
    'examples/switchhook.yaml': 'listen: { port: 0 }\nstore: { engine: memory }\nworkers: 0\n',
    'event.json': '{"type":"call.end","subject":"call-2","data":{"callid":"2"}}',
    'events.ndjson': '{"type":"call.end","data":{"callid":"3"}}\n',
    'lead.json': '{ "name": "", "phone": "%ani%" }',
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  const { deliveries } = (await world.get('/v1/deliveries')).json
  return { folder, world, id: deliveries[0].id }
}

test.each(commands.map(({ name, load }) => ({ name, load })))(
  'the example of $name does what the help says',
  async ({ name, load }) => {
    const { usage } = await load()
    const { folder, world, id } = await prepare()
    const line = usage.example.replace(EXAMPLE_ID, id)
    const begun = GOING_ON.get(name)
    if (begun === undefined) {
      const path = [dirname(process.execPath), BIN, process.env['PATH']].join(delimiter)
      const env = { ...process.env, PATH: path, SWITCHHOOK_URL: world.url, SWITCHHOOK_TOKEN: '' }
      const files = readdirSync(folder).length
      const { stdout } = await promisify(execFile)('bash', ['-ec', `switchhook ${line}`], { cwd: folder, env })
      expect(stdout !== '' || readdirSync(folder).length > files).toBe(true)
      return
    }
    const child = startCommand(line.split(' '), { cwd: folder, env: { SWITCHHOOK_URL: world.url } })
    const ended = once(child, 'exit')
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += String(chunk)))
    await expect.poll(() => said).toMatch(begun)
    child.kill('SIGINT')
    await ended
    expect({ status: child.exitCode, said }).toMatchObject({ status: 0 })
  },
  120_000,
)
