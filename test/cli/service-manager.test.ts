/** What a service manager is told of `serve`, over a real socket and systemd's own `systemd-notify`; and when it is not told. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { ServiceManager } from '../../src/cli/service-manager.ts'
import { Watchdog } from '../../src/cli/watchdog.ts'
import { createLog } from '../../src/logging/log.ts'
import { ServeProcess, testFolder } from '../e2e/serve-process.ts'
import { listenForNotify } from './notify-listener.ts'
import { runCommand } from './run-command.ts'

const CONFIG = 'store: { engine: memory }\nworkers: 1\nlisten: { port: 0 }\n'

async function configFile(): Promise<{ readonly folder: string; readonly file: string }> {
  const folder = await testFolder()
  const file = join(folder, 'switchhook.yaml')
  writeFileSync(file, CONFIG)
  return { folder, file }
}

test('a manager is told that it starts, is ready, reloads, was refused a file, and stops, in that order', async () => {
  const { folder, file } = await configFile()
  const manager = await listenForNotify(folder)
  const startedUsec = process.hrtime.bigint() / 1000n
  const server = await ServeProcess.start(file, { NOTIFY_SOCKET: manager.socket })
  const ready = await manager.untilTold('READY')
  expect(ready).toEqual({ READY: '1', STATUS: `listening at ${server.url}: 0 webhooks` })

  const known = manager.told.length
  writeFileSync(file, `${CONFIG}colour: red\n`)
  server.signal('SIGHUP')
  const reloading = await manager.untilTold('RELOADING', known)
  expect(Object.keys(reloading)).toEqual(['RELOADING', 'MONOTONIC_USEC'])
  const atUsec = BigInt(reloading['MONOTONIC_USEC'] ?? '')
  expect(atUsec > startedUsec && atUsec < process.hrtime.bigint() / 1000n).toBe(true)
  expect(await manager.untilTold('READY', known)).toEqual({
    READY: '1',
    STATUS: 'the configuration was refused, 1 mistakes: the one before goes on',
  })

  server.signal('SIGTERM')
  expect(await manager.untilTold('STOPPING')).toEqual({
    STOPPING: '1',
    STATUS: 'stopping: what is in flight may end',
  })
  expect(manager.told[0]).toEqual({ STATUS: 'starting: the store is opened' })
  expect(manager.told.map((message) => Object.keys(message)[0]).filter((name) => name === 'WATCHDOG')).toEqual([])
})

test('a start that fails ends with its status, whoever listens', async () => {
  const { folder, file } = await configFile()
  const manager = await listenForNotify(folder)
  writeFileSync(file, `store: { path: ${file}/data }\n`)
  const { status } = await runCommand(['serve', '--config', file], { env: { NOTIFY_SOCKET: manager.socket } })
  expect(status).toBe(2)
  expect(manager.told).toEqual([{ STATUS: 'starting: the store is opened' }])
})

test('the watchdog is told twice a period where it asks for this process, and no more while the process stands still', async () => {
  const { folder, file } = await configFile()
  const manager = await listenForNotify(folder)
  const server = await ServeProcess.start(file, { NOTIFY_SOCKET: manager.socket, WATCHDOG_USEC: '400000' })
  const first = manager.told.length
  await manager.untilTold('WATCHDOG', first)
  await manager.untilTold('WATCHDOG', manager.told.length)
  server.signal('SIGSTOP')
  // What was on its way comes; then for two periods nothing does.
  await wait(800)
  const known = manager.told.length
  await wait(800)
  expect(manager.told.length).toBe(known)
  server.signal('SIGCONT')
  await manager.untilTold('WATCHDOG', manager.told.length)
})

describe('the environment decides', () => {
  test.each([
    ['no socket', {}],
    ['an empty one', { NOTIFY_SOCKET: '' }],
  ])('%s: nothing is told, and nothing missed', (_name, environment) => {
    const logged: string[] = []
    const manager = new ServiceManager(environment, createLog({ write: (line) => logged.push(line) }))
    manager.ready('here')
    manager.watch(() => Promise.reject('nobody asks'))
    manager.stopping()
    expect(logged).toEqual([])
  })

  test.each([
    ['100000', `${process.pid}`, true],
    ['100000', undefined, true],
    ['100000', `${process.ppid}`, true],
    ['100000', '1', process.ppid === 1],
    ['0', `${process.pid}`, false],
    ['', `${process.pid}`, false],
    ['soon', `${process.pid}`, false],
    ['-5', `${process.pid}`, false],
  ])('WATCHDOG_USEC=%s WATCHDOG_PID=%s', (usec, pid, isAsked) => {
    vi.useFakeTimers()
    try {
      const logged: string[] = []
      const log = createLog({ write: (line) => logged.push(line) })
      const manager = new ServiceManager(
        { NOTIFY_SOCKET: '/nowhere', PATH: '/nowhere', WATCHDOG_USEC: usec, ...(pid && { WATCHDOG_PID: pid }) },
        log,
      )
      let asked = 0
      manager.watch(async () => {
        asked += 1
      })
      vi.advanceTimersByTime(49)
      expect(asked).toBe(0)
      vi.advanceTimersByTime(1)
      expect(asked).toBe(isAsked ? 1 : 0)
      manager.close()
    } finally {
      vi.useRealTimers()
    }
  })

  test('a socket without systemd-notify is told of once, and the rest goes on', async () => {
    const { promise, resolve } = Promise.withResolvers<string>()
    const logged: string[] = []
    const log = createLog({
      write: (line) => {
        logged.push(line)
        resolve(line)
      },
    })
    const manager = new ServiceManager({ NOTIFY_SOCKET: '/nowhere', PATH: '/nowhere' }, log)
    manager.status('one')
    manager.ready('two')
    expect(JSON.parse(await promise)).toMatchObject({
      level: 40,
      detail: 'systemd-notify ended with status 127',
      msg: 'NOTIFY_SOCKET is set, but the service manager could not be told how this process stands',
    })
    manager.stopping()
    // Long enough for the others to fail as well.
    await wait(100)
    expect(logged).toHaveLength(1)
  })
})

describe('the watchdog', () => {
  test('says nothing while its question is not answered, asks no second one, and goes on after', async () => {
    vi.useFakeTimers()
    try {
      const told: string[] = []
      const slow = Promise.withResolvers<void>()
      let answer = (): Promise<void> => slow.promise
      let asked = 0
      const watchdog = new Watchdog(
        100,
        () => {
          asked += 1
          return answer()
        },
        { onAlive: () => told.push('alive'), onFailure: (error) => told.push(String(error)) },
      )
      await vi.advanceTimersByTimeAsync(1000)
      expect({ asked, told }).toEqual({ asked: 1, told: [] })
      slow.resolve()
      await vi.advanceTimersByTimeAsync(100)
      expect({ asked, told }).toEqual({ asked: 2, told: ['alive', 'alive'] })
      answer = () => Promise.reject('no store')
      await vi.advanceTimersByTimeAsync(300)
      expect(told).toEqual(['alive', 'alive', 'no store'])
      answer = () => Promise.resolve()
      await vi.advanceTimersByTimeAsync(100)
      expect(told).toEqual(['alive', 'alive', 'no store', 'alive'])
      watchdog.close()
      watchdog.close()
      await vi.advanceTimersByTimeAsync(500)
      expect(told).toHaveLength(4)
    } finally {
      vi.useRealTimers()
    }
  })
})
