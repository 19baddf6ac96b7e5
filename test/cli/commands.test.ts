/** The commands as processes: what they print, where, and their exit status. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { Receiver } from '../worker/receiver.ts'

const COMMAND = join(import.meta.dirname, '..', '..', manifest.bin.switchhook)

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchhook-cli-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

function run(...args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [COMMAND, ...args], { encoding: 'utf8', cwd: folder })
  return { status, stdout, stderr }
}

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

/** A server as a process; ended with the test. */
async function serve(config: string): Promise<{ readonly url: string; stop(): Promise<number | null> }> {
  const child = spawn(process.execPath, [COMMAND, 'serve', '--config', config, '--port', '0'], { cwd: folder })
  const exited = once(child, 'exit')
  const stop = async (): Promise<number | null> => {
    child.kill('SIGTERM')
    await exited
    return child.exitCode
  }
  onTestFinished(async () => {
    await stop()
  })
  for await (const line of createInterface(child.stdout)) {
    const [, url] = /^switchhook \S+ listening at (http:\S+)$/.exec(line) ?? []
    if (url !== undefined) return { url, stop }
  }
  throw new Error('the server did not start')
}

const CONFIG = (origin: string, more = ''): string => `
network: { allow: [127.0.0.0/8] }
store: { engine: embedded, path: ./data, minFree: 0B }
webhooks:
  - { id: feed, profile: custom, on: [call.end], method: POST, url: '${origin}/feed', body: '%callid%', retry: { schedule: [0s, 1h], jitter: 0 } }
${more}`

describe('switchhook check', () => {
  test('says that a configuration can be used, and what it has', async () => {
    const path = await file('good.yaml', CONFIG('https://example.com'))
    expect(run('check', path)).toEqual({
      status: 0,
      stdout: `${path} can be used: 1 webhook, 0 templates, 0 bindings\n`,
      stderr: `warning: ${path}:2:1 auth: there are no tokens: only this machine may call the API\n`,
    })
  })

  test('tells every mistake with its place', async () => {
    const path = await file('bad.yaml', 'workers: many\nlisten: { port: -1 }\n')
    const { status, stdout, stderr } = run('check', path)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(
      /bad.yaml:1:10 workers: .*\n +1 \| workers: many\n +\| {10}\^\n.*bad.yaml:2:17 listen.port: .*\n/,
    )
    expect(stderr).toMatch(/\n2 mistakes\n$/)
  })

  test.each([
    [['check', 'a', 'b']],
    [['check', '--fast']],
    [['serve', '--prot', '1']],
    [['serve', '--port', '65536']],
    [['store']],
    [['store', 'info']],
  ])('%j is no use of the command line', (args) => {
    const { status, stderr } = run(...args)
    expect(status).toBe(2)
    expect(stderr).toMatch(/^switchhook \w+: /)
  })

  test.each(['check', 'serve', 'store'])('%s --help teaches with an example', (name) => {
    expect(run(name, '--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('Example: switchhook') })
  })
})

describe('switchhook serve', () => {
  test('refuses a configuration that can not be used, and says why', async () => {
    const path = await file('worse.yaml', 'workers: many\n')
    const { status, stderr } = run('serve', '--config', path)
    expect(status).toBe(2)
    expect(stderr).toMatch(/the configuration can not be used\n {2}.*worse.yaml:1:10 workers: /)
  })

  test('refuses a port that is taken in plain words', async () => {
    await using receiver = await Receiver.start()
    const port = new URL(receiver.origin).port
    const path = await file('taken.yaml', 'store: { engine: memory }\n')
    const { status, stderr } = run('serve', '--config', path, '--port', port)
    expect(status).toBe(2)
    expect(stderr).toMatch(/can't listen: .*choose another/)
  })

  test('keeps what it accepted over a stop and a start, and lets operators look at it', async () => {
    await using receiver = await Receiver.start()
    receiver.answer = (_, response) => response.writeHead(500).end()
    const path = await file('switchhook.yaml', CONFIG(receiver.origin))
    const first = await serve(path)
    const post = await fetch(`${first.url}/v1/events?type=call.end&callid=7`, { method: 'POST' })
    expect(post.status).toBe(422)
    const accepted = await fetch(`${first.url}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id: 'e1', type: 'call.end', data: { callid: '7' } }),
    })
    expect(accepted.status).toBe(202)
    await receiver.until(() => receiver.received.length === 1)

    expect(run('serve', '--config', path, '--port', '0')).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/in use by process \d+/),
    })
    expect(run('store', 'backup', 'data', 'copy')).toMatchObject({ status: 0, stdout: 'data was copied to copy\n' })
    expect(await first.stop()).toBe(0)

    const stored = run('store', 'info', 'data', '--json')
    expect(JSON.parse(stored.stdout)).toMatchObject({
      format: 3,
      pending: 1,
      delivered: 0,
      dead: 0,
      pendingByWebhook: { feed: 1 },
    })
    expect(run('store', 'info', 'copy').stdout).toMatch(/^format {5}3\n.*\npending {4}1, the oldest of 20/s)
    expect(run('store', 'verify', 'data')).toEqual({ status: 0, stdout: 'data is whole\n', stderr: '' })
    expect(run('store', 'verify', 'copy')).toMatchObject({ status: 0 })
    expect(run('store', 'info', 'nowhere')).toMatchObject({ status: 1, stderr: expect.stringContaining('no store') })

    receiver.answer = (_, response) => response.end()
    const second = await serve(path)
    const { deliveries } = (await (await fetch(`${second.url}/v1/deliveries`)).json()) as {
      deliveries: { id: string }[]
    }
    await fetch(`${second.url}/v1/deliveries/${deliveries[0]?.id}/retry`, { method: 'POST' })
    await receiver.until(() => receiver.received.length === 2)
    expect(receiver.received[1]?.id).toBe(receiver.received[0]?.id)
  })
})
