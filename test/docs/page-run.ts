/**
 * Runs the blocks of one page from top to bottom, as a reader would: an engine, a customers' server, a shell in a folder of
 * its own. Pages write 127.0.0.1:8080 for the engine and 127.0.0.1:9080 for the customers' server; both have free ports here.
 */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, vi } from 'vitest'
import { parseConfig } from '../../src/config/load.ts'
import type { World } from '../e2e/world.ts'
import { Receiver } from '../worker/receiver.ts'
import { type Block, type Use, usesOf } from './blocks.ts'
import { commandMistakes } from './command-lines.ts'
import { fragmentMistakes, variablesOf } from './configurations.ts'
import { startEngineWith, startEngineWithDeadLetters, TOKEN } from './engines.ts'
import { expectation } from './expectation.ts'
import { ROOT } from './pages.ts'

const ENGINE = '127.0.0.1:8080'
const CUSTOMERS = '127.0.0.1:9080'

/** How long a block marked `eventually`, or a request, is waited for. */
const PATIENCE_MS = 60_000

const LOG_LEVELS = { debug: 20, info: 30, warn: 40, error: 50 }

const execute = promisify(execFile)

/** One page being run; see the head of this file. */
interface PageRun {
  readonly page: string
  readonly folder: string
  readonly receiver: Receiver
  world: World | undefined
}

/** Runs every block of the page at `path`, from the root of the project, and fails at the first that is not as it says. */
export async function runPage(path: string): Promise<void> {
  const text = readFileSync(join(ROOT, path), 'utf8')
  const blocks = usesOf(text)
  const folder = mkdtempSync(join(tmpdir(), 'switchhook-docs-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  offerClient(folder)
  const receiver = await Receiver.start()
  onTestFinished(() => receiver[Symbol.asyncDispose]())
  const run: PageRun = { page: path, folder, receiver, world: undefined }
  for (const block of blocks) await runBlock(run, block)
}

async function runBlock(run: PageRun, block: Block & { readonly use: Use }): Promise<void> {
  const { use, text } = block
  const place = `${run.page}:${block.line}`
  switch (use.kind) {
    case 'run': {
      if (!use.isEventual) return await runScript(run, block, use.prints)
      return await vi.waitFor(() => runScript(run, block, use.prints), { timeout: PATIENCE_MS, interval: 200 })
    }
    case 'commands':
      return expect(await commandMistakes(text), place).toEqual([])
    case 'configuration': {
      const own = text.replaceAll(CUSTOMERS, hostOf(run.receiver.origin))
      expect(unexpectedWarnings(own), place).toEqual([])
      await run.world?.service.close(1000)
      run.world = await startEngineWith(own)
      return writeFileSync(join(run.folder, 'switchhook.yaml'), text)
    }
    case 'checked':
      return expect(fragmentMistakes(text, run.folder), place).toEqual([])
    case 'file':
      return writeFileSync(join(run.folder, use.name), `${text}\n`)
    case 'answer':
      run.receiver.answer = (_, response) => response.writeHead(200, { 'content-type': use.type }).end(text)
      return
    case 'received':
      return await vi.waitFor(() => expectReceived(run.receiver, text, place), PATIENCE_MS)
    case 'logged':
      return expectLogged(run.world, text, place)
    case 'drawing':
    case 'printed':
    case 'source':
      return
    case 'none':
      return expect.fail(
        `${place}: nothing runs or checks a block \`${block.info}\`; test/docs/blocks.ts has what can be`,
      )
  }
}

async function runScript(run: PageRun, { text, line }: Block, prints: string | undefined): Promise<void> {
  run.world ??= await firstEngine(run)
  const engine = hostOf(run.world.url)
  const path = [dirname(process.execPath), join(ROOT, 'node_modules', '.bin'), process.env['PATH']].join(delimiter)
  const env = { ...process.env, PATH: path, SWITCHHOOK_URL: run.world.url, SWITCHHOOK_TOKEN: TOKEN }
  const script = text.replaceAll(ENGINE, engine)
  const { stdout } = await execute('bash', ['-e', '-u', '-o', 'pipefail', '-c', script], { cwd: run.folder, env })
  if (prints === undefined) return
  const shown = stdout.replaceAll(engine, ENGINE).replaceAll(hostOf(run.receiver.origin), CUSTOMERS)
  expect(JSON.parse(shown), `${run.page}:${line}`).toEqual(expectation(JSON.parse(prints)))
}

/** Of pages that bring no configuration: the README has the example's, the others a webhook `crm` with dead letters. */
async function firstEngine(run: PageRun): Promise<World> {
  if (run.page !== 'README.md') return await startEngineWithDeadLetters(run.folder, run.receiver)
  const example = readFileSync(join(ROOT, 'examples', 'switchhook.yaml'), 'utf8')
  const own = example
    .replaceAll(CUSTOMERS, hostOf(run.receiver.origin))
    .replaceAll('file: ./', `file: ${ROOT}/examples/`)
  return await startEngineWith(own)
}

/** What `check` would warn of, but for what every trial on one machine has. */
function unexpectedWarnings(text: string): readonly string[] {
  const { warnings } = parseConfig(text, 'switchhook.yaml', variablesOf(text))
  return warnings.map(({ message }) => message).filter((message) => !/^(there are no tokens|http: sends)/.test(message))
}

/** A request as pages write it: request line, the header fields that matter, a blank line, the body. */
function expectReceived(receiver: Receiver, text: string, place: string): void {
  const [head = '', ...body] = text.split('\n\n')
  const [requestLine = '', ...fields] = head.split('\n')
  const headers = fields.map((field) => field.split(/: (.*)/s).slice(0, 2))
  const last = receiver.received.at(-1)
  const got = last && {
    requestLine: `${last.method} ${last.url} HTTP/1.1`,
    headers: { ...last.headers, host: String(last.headers.host).replace(hostOf(receiver.origin), CUSTOMERS) },
    body: last.body,
  }
  expect(got, place).toEqual({
    requestLine: expectation(requestLine),
    headers: expect.objectContaining(expectation(Object.fromEntries(headers)) as object),
    body: expectation(body.join('\n\n')),
  })
}

/** A line of the log as pino writes it. */
function expectLogged(world: World | undefined, text: string, place: string): void {
  const lines = world?.logged.map(({ level, fields, message }) => ({
    level: LOG_LEVELS[level],
    ...fields,
    msg: message,
  }))
  const { time: _, ...expected } = JSON.parse(text)
  expect(lines, place).toContainEqual(expectation(expected))
}

/** Lets programs in `folder` import the package's client as users would; the source of this checkout is what they get. */
function offerClient(folder: string): void {
  const home = join(folder, 'node_modules', 'switchhook')
  mkdirSync(home, { recursive: true })
  writeFileSync(join(home, 'package.json'), '{ "type": "module", "exports": { "./client": "./client.js" } }')
  const source = pathToFileURL(join(ROOT, 'src', 'client', 'client.ts')).href
  writeFileSync(join(home, 'client.js'), `export * from ${JSON.stringify(source)}\n`)
}

function hostOf(url: string): string {
  return new URL(url).host
}
