/** `switchhook top` against an engine: on a real terminal, lent by `script` (bsdutils), and as lines for scripts. */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Readable, Writable } from 'node:stream'
import { describe, expect, onTestFinished, test } from 'vitest'
import { freePort } from '../../scripts/free-port.ts'
import { startWorld } from '../e2e/world.ts'
import { COMMAND, runCommand, startCommand } from './run-command.ts'

const WORLD = `workers: 0
webhooks:
  - { id: feed, account: acme, profile: custom, on: [call.end], method: POST, url: 'http://127.0.0.1:1', body: '%callid%', circuit: { failures: 1 } }
`
const EVENT = { type: 'call.end', account: 'acme', data: { callid: '1' } }
const ESCAPE = '\u001b['
const ENTER = `${ESCAPE}?1049h${ESCAPE}?25l${ESCAPE}?7l`
const LEAVE = `${ESCAPE}?7h${ESCAPE}?25h${ESCAPE}?1049l`
const FRAME = `${ESCAPE}?2026h${ESCAPE}H`

/** A terminal of 80 columns with `top` in it, and what was written to it so far. */
class Terminal {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>
  readonly ended: Promise<unknown>
  written = ''

  constructor(url: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const words = [process.execPath, COMMAND, 'top', ...args].map((word) => `'${word}'`).join(' ')
    const { PATH, HOME, NODE_V8_COVERAGE } = process.env
    const bare = { PATH, HOME, NODE_V8_COVERAGE, TERM: 'xterm-256color', SWITCHHOOK_URL: url, ...env }
    // The process id is told, so that it can be sent signals; what the terminal is like after is told last.
    const script = `stty cols 80 rows 24; stty -g; ${words} & pid=$!; echo "pid $pid"; fg %1; echo "status $?"; stty -g`
    this.#child = spawn('script', ['-qec', `bash -mc '${script.replaceAll("'", `'\\''`)}'`, '/dev/null'], {
      env: bare,
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    this.ended = once(this.#child, 'close')
    this.#child.stdout.on('data', (chunk) => (this.written += String(chunk)))
    onTestFinished(() => void this.#child.kill('SIGKILL'))
  }

  press(keys: string): void {
    this.#child.stdin.write(keys)
  }

  signal(name: NodeJS.Signals): void {
    process.kill(Number(/pid (\d+)/.exec(this.written)?.[1]), name)
  }

  /** Resolves when `text` was written. */
  async until(text: string | RegExp): Promise<void> {
    await expect.poll(() => this.written).toMatch(text)
  }

  get frames(): number {
    return this.written.split(FRAME).length - 1
  }

  /** The terminal's settings before and after. */
  get settings(): readonly (string | undefined)[] {
    return [...this.written.matchAll(/^([\da-f]+(?::[\da-f]+){10,})\r?$/gm)].map(([, settings]) => settings)
  }
}

describe('on a terminal', () => {
  test.each([
    ['q', (terminal: Terminal) => terminal.press('q'), 0],
    ['Ctrl-C', (terminal: Terminal) => terminal.press('\u0003'), 0],
    ['SIGTERM', (terminal: Terminal) => terminal.signal('SIGTERM'), 0],
    ['SIGINT', (terminal: Terminal) => terminal.signal('SIGINT'), 0],
  ])('%s ends it, and the terminal is as it was', async (_name, end, status) => {
    const world = await startWorld(WORLD)
    const terminal = new Terminal(world.url, ['--every', '100ms'])
    await terminal.until('q quits')
    await expect.poll(() => terminal.frames).toBeGreaterThan(2)
    end(terminal)
    await terminal.ended
    expect(terminal.written).toContain(`status ${status}`)
    expect(terminal.written.split(ENTER)).toHaveLength(2)
    expect(terminal.written.split(LEAVE)).toHaveLength(2)
    const [before, after] = terminal.settings
    expect(before).toMatch(/:/)
    expect(after).toBe(before)
  })

  test('what is wrong is told in colours, and without them where NO_COLOR is set', async () => {
    const world = await startWorld(WORLD)
    await world.post('/v1/events', EVENT)
    await expect.poll(async () => (await world.service.engine.stats())['circuits']).toHaveLength(1)
    const coloured = new Terminal(world.url, ['--count', '1', '--every', '100ms'])
    await coloured.ended
    expect(coloured.written).toContain(`${ESCAPE}31mhttp://127.0.0.1:1 `)
    expect(coloured.written).toContain('circuit-open')
    const plain = new Terminal(world.url, ['--count', '1', '--every', '100ms'], { NO_COLOR: '1' })
    await plain.ended
    expect(plain.written).toContain('http://127.0.0.1:1 ')
    expect(plain.written).not.toMatch(/\[\d+m/)
  })

  test('an engine that is gone is told of, and one that is back is shown again', async () => {
    const port = await freePort()
    const world = await startWorld(WORLD, {}, port)
    const terminal = new Terminal(world.url, ['--every', '100ms'])
    await terminal.until('ready')
    await world.service.close(0)
    await terminal.until('no newer figures: ')
    const frames = terminal.frames
    await startWorld(WORLD, {}, port)
    await expect.poll(() => terminal.frames).toBeGreaterThan(frames + 1)
    await expect.poll(() => terminal.written.split(FRAME).at(-1)).not.toContain('no newer')
    terminal.press('q')
    await terminal.ended
    expect(terminal.written).toContain('status 0')
  })

  test('p holds the picture, and goes on', async () => {
    const world = await startWorld(WORLD)
    const terminal = new Terminal(world.url, ['--every', '100ms'])
    await terminal.until('q quits')
    terminal.press('p')
    await terminal.until('paused')
    const frames = terminal.frames
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(terminal.frames).toBe(frames)
    terminal.press('p')
    await expect.poll(() => terminal.frames).toBeGreaterThan(frames + 2)
    terminal.press('q')
    await terminal.ended
  })

  test('what breaks gives the terminal back before it is told', async () => {
    let isGood = true
    const world = await startWorld(WORLD)
    const stats = JSON.stringify((await world.get('/v1/stats')).json)
    const server = createServer(({ url }, response) => {
      if (url === '/metrics') response.setHeader('content-type', 'text/plain').end('')
      // Figures that no engine gives.
      else
        response
          .setHeader('content-type', 'application/json')
          .end(isGood ? stats : stats.replace('"held":{"deliveries":{}', '"held":{"deliveries":null'))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : 0
    const terminal = new Terminal(`http://127.0.0.1:${port}`, ['--every', '100ms'])
    await terminal.until('q quits')
    isGood = false
    await terminal.ended
    expect(terminal.written).toContain('status 1')
    const told = terminal.written.indexOf('switchhook top: internal error')
    expect(terminal.written.slice(0, told)).toContain(LEAVE)
  })
})

describe('elsewhere', () => {
  test('it is a line a period, without colours', async () => {
    const world = await startWorld(WORLD)
    const { status, stdout, stderr } = await runCommand(['top', '--count', '2', '--every', '100ms', '--url', world.url])
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(/^(\d{4}-\d\d-\d\dT\S+Z {2}events 0\/s {2}deliveries 0\/s .* memory \d+ MiB {2}ready\n){2}$/)
  })

  test('--json prints all figures, and rates that others can count with', async () => {
    const world = await startWorld(WORLD)
    const args = ['top', '--json', '--count', '1', '--every', '100ms', '--url', world.url]
    const figures = JSON.parse((await runCommand(args)).stdout)
    expect(figures).toMatchObject({
      since: 'sample',
      rates: { events: 0, deliveries: 0, attempts: 0, retries: 0, dead: 0, invokes: 0 },
      circuits: [],
      outbox: { pending: 0, held: 0 },
      readiness: [{ name: 'store' }, { name: 'workers' }, { name: 'accepting' }],
    })
  })

  test('a token of some accounts is shown what is theirs', async () => {
    const config = `${WORLD}auth: { tokens: [ { name: a, secret: { env: TOKEN }, may: [read], accounts: [acme] } ] }\n`
    const world = await startWorld(config, { TOKEN: 'acme-token' })
    const env = { SWITCHHOOK_TOKEN: 'acme-token' }
    const args = ['top', '--json', '--count', '1', '--every', '100ms', '--url', world.url]
    const { stdout } = await runCommand(args, { env })
    expect(JSON.parse(stdout)).toMatchObject({ accounts: ['acme'], outbox: { pending: 0 }, endpoints: [] })
    expect(JSON.parse(stdout)).not.toHaveProperty('rates')
  })

  test.each([
    [['--for', '200ms'], 0],
    [['--for', '200ms', '--count', '1000'], 1],
    [['--for', '60s', '--count', '1'], 0],
    [['--every', '100ms', '--count', '1'], 0],
    [['--every', '99ms'], 2],
    [['--every', '1h', '--for', '1ms'], 0],
    [['--every', '61m'], 2],
  ])('%j ends with status %i', async (args, status) => {
    const world = await startWorld(WORLD)
    expect((await runCommand(['top', '--url', world.url, ...args])).status).toBe(status)
  })

  test('an engine that is not there from the beginning is a failure', async () => {
    const { status, stderr } = await runCommand(['top', '--url', `http://127.0.0.1:${await freePort()}`])
    expect({ status, stderr }).toMatchObject({ status: 1, stderr: expect.stringContaining('switchhook top: ') })
  })

  test('one that is gone for a while is told of once, and its restart with the first figures after', async () => {
    const port = await freePort()
    const world = await startWorld(WORLD, {}, port)
    await world.post('/v1/events', EVENT)
    const child = startCommand(['top', '--json', '--every', '100ms', '--url', world.url])
    let out = ''
    let err = ''
    child.stdout.on('data', (chunk) => (out += String(chunk)))
    child.stderr.on('data', (chunk) => (err += String(chunk)))
    await expect.poll(() => out).toContain('"since":"sample"')
    await world.service.close(0)
    await expect.poll(() => err).toContain('no figures: ')
    await startWorld(WORLD, {}, port)
    await expect.poll(() => out).toContain('"since":"restarted"')
    expect(out).not.toMatch(/"events":-/)
    child.kill('SIGTERM')
    await once(child, 'exit')
    expect(child.exitCode).toBe(0)
  })
})
