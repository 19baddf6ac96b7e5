/** The log of a running server: what it tells of deliveries, calls and circuits, and how its level and looks are changed. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { COMMAND, runCommand } from '../cli/run-command.ts'
import { Receiver } from '../worker/receiver.ts'
import { ServeProcess, testFolder } from './serve-process.ts'
import { startWorld } from './world.ts'

const ESCAPE = '\u001b['
const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const EVENT = { type: 'call.end', subject: 'call-7', traceparent: TRACEPARENT, data: { callid: '7' } }

describe('each decision that a person on call must know has its line', () => {
  const start = async (circuit: string, schedule = '[0s]') => {
    const receiver = await Receiver.start()
    onTestFinished(() => receiver[Symbol.asyncDispose]())
    receiver.answer = (_, response) => response.writeHead(500).end()
    const url = `${receiver.origin}/crm`
    const world = await startWorld(`workers: 0
webhooks:
  - { id: crm, account: acme, profile: custom, on: [call.end], method: POST, url: '${url}', body: '%callid%', circuit: ${circuit}, retry: { schedule: ${schedule} } }
`)
    const lines = (message: string) => world.logged.filter((line) => line.message === message)
    return { receiver, world, lines }
  }

  test('a dead letter, with its delivery, webhook, call and trace', async () => {
    const { world, lines } = await start('off')
    await world.post('/v1/events', { ...EVENT, account: 'acme' })
    await expect.poll(() => lines('a delivery is a dead letter')).toHaveLength(1)
    const { id } = (await world.get('/v1/deliveries')).json.deliveries[0]
    expect(lines('a delivery is a dead letter')[0]).toMatchObject({
      level: 'warn',
      fields: { delivery: id, webhook: 'crm', account: 'acme', call: 'call-7', status: 500, reason: 'status' },
    })
    expect(lines('a delivery is a dead letter')[0]?.fields).toHaveProperty('traceparent', TRACEPARENT)
  })

  test('an attempt that failed and will be made again, at debug', async () => {
    const { world, lines } = await start('off', '[0s, 1h]')
    await world.post('/v1/events', { ...EVENT, account: 'acme' })
    await expect.poll(() => lines('an attempt failed and will be made again')).toHaveLength(1)
    expect(lines('an attempt failed and will be made again')[0]).toMatchObject({
      level: 'debug',
      fields: {
        webhook: 'crm',
        call: 'call-7',
        traceparent: TRACEPARENT,
        status: 500,
        next: expect.stringMatching(/^20\d\d-/),
      },
    })
  })

  test('a circuit that opens, and closes', async () => {
    const { receiver, world, lines } = await start(
      '{ failures: 2, within: 60s, probe: 100ms }',
      '[0s, 10ms, 10ms, 10ms, 10ms]',
    )
    const opened = 'a circuit is open: what its endpoint is sent is held'
    const closed = 'a circuit is closed: its endpoint is sent to again'
    await world.post('/v1/events', { ...EVENT, account: 'acme' })
    await expect.poll(() => lines(opened)).toHaveLength(1)
    expect(lines(opened)[0]).toMatchObject({
      level: 'warn',
      fields: { endpoint: receiver.origin, account: 'acme', reason: 'status' },
    })
    receiver.answer = (_, response) => response.end()
    await expect.poll(() => lines(closed)).toHaveLength(1)
    expect(lines(closed)[0]).toMatchObject({ level: 'info', fields: { endpoint: receiver.origin, account: 'acme' } })
    expect(lines(opened)).toHaveLength(1)
  })

  test('a live call that goes on with the backup, and at debug one that does not', async () => {
    const { receiver, world, lines } = await start('off')
    await world.post('/v1/webhooks/crm/invoke', EVENT)
    const told = 'a live call goes on with the backup'
    const about = { webhook: 'crm', call: 'call-7', traceparent: TRACEPARENT }
    expect(lines(told)).toMatchObject([{ level: 'warn', fields: { ...about, reason: 'status' } }])
    receiver.answer = (_, response) => response.end()
    await world.post('/v1/webhooks/crm/invoke', EVENT)
    expect(lines(told)).toHaveLength(1)
    expect(lines('a live call was decided')).toMatchObject([{ level: 'debug', fields: { decision: 'continue' } }])
  })
})

describe('the level of a running server', () => {
  const CONFIG = 'store: { engine: memory }\nworkers: 0\n'

  async function served(config = CONFIG) {
    const file = join(await testFolder(), 'switchhook.yaml')
    writeFileSync(file, config)
    return { file, server: await ServeProcess.start(file) }
  }
  const level = async (url: string, ...args: readonly string[]): Promise<string> =>
    (await runCommand(['log-level', ...args, '--url', url])).stdout.trim()

  test('is shown and changed by a command, and the audit tells of it at every level', async () => {
    const { server } = await served()
    expect(await level(server.url)).toBe('info')
    expect(await level(server.url, 'error')).toBe('error, before it was info')
    expect(await level(server.url)).toBe('error')
    expect(await server.untilLogged('audit: log-level')).toMatchObject({ level: 30, to: 'error', before: 'info' })
    const wrong = await runCommand(['log-level', 'debg', '--url', server.url])
    expect(wrong).toMatchObject({ status: 2, stderr: expect.stringContaining('did you mean debug?') })
  })

  test('is debug from one SIGUSR2 to the next, and then what it was', async () => {
    const { server } = await served(`${CONFIG}log: { level: warn }\n`)
    server.signal('SIGUSR2')
    expect(await server.untilLogged('audit: log-level')).toMatchObject({ by: 'SIGUSR2', to: 'debug' })
    expect(await level(server.url)).toBe('debug')
    const known = server.logged.length
    server.signal('SIGUSR2')
    await server.untilLogged('audit: log-level', known)
    expect(await level(server.url)).toBe('warn')
  })

  test('stays as it was set by hand at a reload, unless the file says another than before', async () => {
    const { server, file } = await served()
    await level(server.url, 'debug')
    writeFileSync(file, `${CONFIG}dataPoints: [ { name: queue_depth } ]\n`)
    server.signal('SIGHUP')
    await server.untilLogged('the configuration was reloaded')
    expect(await level(server.url)).toBe('debug')
    const known = server.logged.length
    writeFileSync(file, `${CONFIG}log: { level: warn }\n`)
    server.signal('SIGHUP')
    await expect.poll(() => level(server.url)).toBe('warn')
    expect(server.logged.length).toBeGreaterThanOrEqual(known)
  })
})

describe('its lines', () => {
  const said = async (args: readonly string[], isOnTerminal: boolean): Promise<string> => {
    const file = join(await testFolder(), 'switchhook.yaml')
    writeFileSync(file, 'store: { engine: memory }\nworkers: 0\nlisten: { port: 0 }\n')
    const words = [process.execPath, COMMAND, 'serve', '--config', file, ...args]
    const { PATH, HOME, NODE_V8_COVERAGE } = process.env
    const env = { PATH, HOME, NODE_V8_COVERAGE, TERM: 'xterm-256color' }
    const line = `${words.map((word) => `'${word}'`).join(' ')} 2>&1`
    const [program = '', ...rest] = isOnTerminal ? ['script', '-qec', line, '/dev/null'] : ['sh', '-c', `exec ${line}`]
    const child = spawn(program, rest, { env, stdio: ['pipe', 'pipe', 'ignore'] })
    onTestFinished(() => void child.kill('SIGKILL'))
    const closed = once(child, 'close')
    let all = ''
    child.stdout.on('data', (chunk) => (all += String(chunk)))
    await expect.poll(() => all).toContain('no tokens are configured')
    if (isOnTerminal) child.stdin.write('\u0003')
    else child.kill('SIGTERM')
    await closed
    return all
  }

  test.each([
    ['a terminal', [], true, `${ESCAPE}33mWARN ${ESCAPE}39m the store is in memory`],
    [
      'a terminal that is to have JSON',
      ['--log-format', 'json'],
      true,
      /\{"level":40,"time":"[^"]*","msg":"the store is in/,
    ],
    ['no terminal', [], false, /^\{"level":40,"time":"[^"]*","msg":"the store is in memory/m],
    [
      'no terminal that is to be read',
      ['--log-format', 'pretty'],
      false,
      /^\d\d:\d\d:\d\d\.\d{3} WARN {2}the store is in/m,
    ],
  ])('on %s', async (_name, args, isOnTerminal, expected) => {
    expect(await said(args, isOnTerminal)).toEqual(
      typeof expected === 'string' ? expect.stringContaining(expected) : expect.stringMatching(expected),
    )
  })
})
