/** `switchhook erase` as a process: against a running engine over real sockets, and on a store that nothing uses. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { Receiver } from '../worker/receiver.ts'

const COMMAND = join(import.meta.dirname, '..', '..', manifest.bin.switchhook)
const TOKEN = 'ops-secret-of-the-test'

let folder = ''
let configs = 0
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchhook-erase-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Runs a command beside what runs in this process. */
async function run(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const env = { ...process.env, SWITCHHOOK_URL: '', SWITCHHOOK_TOKEN: '', ...environment }
  const child = spawn(process.execPath, [COMMAND, ...args], { cwd: folder, env })
  const texts = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (texts.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (texts.stderr += text))
  await once(child, 'close')
  return { status: child.exitCode, ...texts }
}

interface Server {
  readonly url: string
  readonly config: string
  readonly data: string
  /** Sends events, and gives the answer. */
  send(events: readonly object[]): Promise<unknown>
  get(path: string): Promise<Response>
  stop(): Promise<string>
}

/** A server as a process, with a store of its own; ended with the test. */
async function serve(origin: string): Promise<Server> {
  configs += 1
  const data = join(folder, `data-${configs}`)
  const config = join(folder, `switchhook-${configs}.yaml`)
  const text = `
network: { allow: [127.0.0.0/8] }
listen: { port: 0 }
auth:
  tokens:
    - { name: ops, secret: { env: OPS }, may: [send, read, invoke, manage] }
    - { name: acme, secret: { env: ACME }, may: [manage], accounts: [acme] }
    - { name: reader, secret: { env: READER }, may: [read] }
store: { engine: embedded, path: '${data}', minFree: 0B }
webhooks:
  - { id: feed, profile: custom, on: [call.end], method: POST, url: '${origin}/feed', body: '%caller_id%', retry: { schedule: [0s, 1h], jitter: 0 } }
  - { id: acme-feed, account: acme, profile: custom, on: [call.end], method: POST, url: '${origin}/acme', body: '%caller_id%', retry: { schedule: [0s, 1h], jitter: 0 } }
`
  await writeFile(config, text)
  const env = { ...process.env, OPS: TOKEN, ACME: 'acme-secret', READER: 'reader-secret' }
  const child = spawn(process.execPath, [COMMAND, 'serve', '--config', config], { cwd: folder, env })
  let log = ''
  child.stderr.setEncoding('utf8').on('data', (lines: string) => (log += lines))
  const exited = once(child, 'exit')
  const stop = async (): Promise<string> => {
    child.kill('SIGTERM')
    await exited
    return log
  }
  onTestFinished(async () => void (await stop()))
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/x-ndjson' }
  for await (const line of createInterface(child.stdout)) {
    const [, url] = /^switchhook \S+ listening at (http:\S+)$/.exec(line) ?? []
    if (url === undefined) continue
    return {
      url,
      config,
      data,
      send: async (events) => {
        const body = events.map((event) => JSON.stringify({ type: 'call.end', ...event })).join('\n')
        return await (await fetch(`${url}/v1/events`, { method: 'POST', headers, body })).json()
      },
      get: (path) => fetch(`${url}${path}`, { headers }),
      stop,
    }
  }
  throw new Error(`the server did not start: ${log}`)
}

const EVENTS = [
  { id: 'e1', subject: 'call-1', data: { caller_id: '5551234567' } },
  { id: 'e2', subject: 'call-1', data: { digits: '2' } },
  { id: 'e3', subject: 'call-2', data: { caller_id: '+1 (555) 123-4567' } },
  { id: 'e4', subject: 'call-3', account: 'acme', data: { caller_id: '15551234567' } },
  { id: 'e5', subject: 'call-4', data: { caller_id: '5559999999' } },
] as const

/** A server whose customer fails, so that all that was sent is pending. */
async function withEvents(receiver: Receiver): Promise<Server & { count(): Promise<number> }> {
  receiver.answer = ({ body }, response) => response.writeHead(500).end(`sorry, ${body}`)
  const server = await serve(receiver.origin)
  await server.send(EVENTS)
  await receiver.until(() => receiver.received.length === EVENTS.length)
  const count = async (): Promise<number> => {
    const { deliveries } = (await (await server.get('/v1/deliveries')).json()) as { deliveries: unknown[] }
    return deliveries.length
  }
  await expect
    .poll(async () => JSON.stringify(await (await server.get('/v1/deliveries')).json()))
    .not.toMatch(/"attempts":\[\]/)
  return { ...server, count }
}

describe('switchhook erase, of a running engine', () => {
  test('erases a number in all its forms, and nothing else; nothing of it is in answers, metrics or log', async () => {
    await using receiver = await Receiver.start()
    const server = await withEvents(receiver)
    const args = ['erase', '--number', '+1 555 123 4567', '--url', server.url]
    expect(await run([...args, '--dry-run'], { SWITCHHOOK_TOKEN: TOKEN })).toEqual({
      status: 0,
      stdout: 'would erase 3 events with 3 deliveries, 3 of them pending\n',
      stderr: '',
    })
    expect(await server.count()).toBe(5)
    expect(await run(args, { SWITCHHOOK_TOKEN: TOKEN })).toEqual({
      status: 0,
      stdout: 'erased 3 events with 3 deliveries, 3 of them pending\n',
      stderr: '',
    })
    expect(await server.count()).toBe(2)
    expect(await server.send(EVENTS.slice(0, 1))).toMatchObject({ duplicates: [{ id: 'e1' }], accepted: [] })
    const told = await Promise.all(['/v1/deliveries', '/v1/stats', '/metrics'].map((path) => server.get(path)))
    for (const response of told) expect(await response.text()).not.toMatch(/1234567/)
    const log = await server.stop()
    expect(log).toContain('audit: erase')
    expect(log).not.toMatch(/123.?4567/)
  })

  test('erases a call with its context, at the address of a configuration or of the environment', async () => {
    await using receiver = await Receiver.start()
    const server = await withEvents(receiver)
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }
    const body = JSON.stringify({ subject: 'call-1', data: {} })
    await fetch(`${server.url}/v1/webhooks/feed/invoke`, { method: 'POST', headers, body })
    const calls = async (): Promise<unknown> =>
      ((await (await server.get('/v1/stats')).json()) as { calls: unknown }).calls
    expect(await calls()).toBe(1)
    const environment = { SWITCHHOOK_TOKEN: TOKEN, SWITCHHOOK_URL: server.url }
    const erased = 'erased 2 events with 2 deliveries, 2 of them pending\n'
    expect(await run(['erase', '--call', 'call-1'], environment)).toMatchObject({ status: 0, stdout: erased })
    expect(await calls()).toBe(0)
    expect(await server.count()).toBe(3)
    const port = new URL(server.url).port
    const config = join(folder, 'address.yaml')
    await writeFile(config, `listen: { host: 0.0.0.0, port: ${port} }\nstore: { engine: memory }\n`)
    expect(await run(['erase', '--call', 'call-2', '--config', config], environment)).toMatchObject({
      status: 0,
      stdout: 'erased 1 event with 1 delivery, 1 of them pending\n',
    })
  })

  test('keeps to the accounts of its token, and tells what the engine refuses', async () => {
    await using receiver = await Receiver.start()
    const server = await withEvents(receiver)
    const at = ['--number', '+15551234567', '--url', server.url]
    expect(await run(['erase', ...at, '--account', 'default'], { SWITCHHOOK_TOKEN: 'acme-secret' })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('answered 404'),
    })
    expect(await run(['erase', ...at], { SWITCHHOOK_TOKEN: 'reader-secret' })).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/answered 403, .*lacks the right manage/),
    })
    expect(await run(['erase', ...at])).toMatchObject({ status: 1, stderr: expect.stringContaining('answered 401') })
    expect(await run(['erase', ...at], { SWITCHHOOK_TOKEN: 'acme-secret' })).toMatchObject({
      status: 0,
      stdout: 'erased 1 event with 1 delivery, 1 of them pending\n',
    })
    expect(await server.count()).toBe(4)
    const national = ['erase', '--number', '5557777777', '--url', server.url]
    expect(await run(national, { SWITCHHOOK_TOKEN: TOKEN })).toEqual({
      status: 0,
      stdout: 'erased 0 events with 0 deliveries, 0 of them pending\n',
      stderr: 'only values with exactly these digits were looked for; + and the country code find both ways\n',
    })
  })

  test('says where it asked when nobody answers', async () => {
    expect(await run(['erase', '--call', 'x', '--url', 'http://127.0.0.1:1'])).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/nobody answers at http:\/\/127.0.0.1:1: .*--path FOLDER/),
    })
  })
})

describe('switchhook erase, of a stopped store', () => {
  test('erases in its folder, and a copy of the store has nothing of it', async () => {
    await using receiver = await Receiver.start()
    const server = await withEvents(receiver)
    const args = ['erase', '--number', '+1 555 123 4567', '--path', server.data]
    expect(await run(args)).toMatchObject({ status: 1, stderr: expect.stringMatching(/in use by process \d+/) })
    await server.stop()
    expect(await run([...args, '--account', 'acme'])).toMatchObject({
      status: 0,
      stdout: 'erased 1 event with 1 delivery, 1 of them pending\n',
    })
    expect(await run(args)).toMatchObject({
      status: 0,
      stdout: 'erased 2 events with 2 deliveries, 2 of them pending\n',
    })
    expect(await run(['store', 'verify', server.data])).toMatchObject({ status: 0 })
    const copy = join(folder, 'copy')
    expect(await run(['store', 'backup', server.data, copy])).toMatchObject({ status: 0 })
    const bytes = await readFile(join(copy, 'switchhook.mdb'), 'latin1')
    expect(bytes).toContain('5559999999')
    expect(bytes).not.toMatch(/5551234567|123-4567/)
  })

  test('makes no store where there is none', async () => {
    const nowhere = join(folder, 'nowhere')
    expect(await run(['erase', '--call', 'x', '--path', nowhere])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('there is no store in'),
    })
    expect(spawnSync('ls', [nowhere]).status).not.toBe(0)
  })
})

describe('the command line of switchhook erase', () => {
  test.each([
    [[]],
    [['--call', 'x', '--number', '5551234567']],
    [['--call', '']],
    [['--number', '1234']],
    [['--number', 'anonymous']],
    [['--call', 'x', '--url', 'nowhere']],
    [['--call', 'x', '--url', 'http://127.0.0.1:1', '--path', 'data']],
    [['--call', 'x', '--fast']],
    [['--call', 'x', '--config', 'missing.yaml']],
  ])('%j is no use of it', async (args) => {
    const { status, stdout, stderr } = await run(['erase', ...args])
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(/^switchhook erase: /)
  })

  test('is taught by --help with an example', async () => {
    expect(await run(['erase', '--help'])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('Example: switchhook erase'),
    })
  })
})
