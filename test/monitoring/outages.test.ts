/** Outages played for real: the right alert fires in a real Prometheus, nothing else does, and it resolves. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type EngineProcess, startEngine } from '../../scripts/engine-process.ts'
import { limitVolume, mountVolume } from '../../scripts/experiments/disk/volume.ts'
import { freePort } from '../../scripts/free-port.ts'
import { startWorld, type World } from '../e2e/world.ts'
import { killThreads, watchThreads } from '../threads.ts'
import { Receiver } from '../worker/receiver.ts'
import { everyMs, Outage } from './outage.ts'
import { testFiles } from './promtool.ts'

const LIMIT_MS = 90_000

/** Retries soon and for long, so that nothing is given up meanwhile. */
const PATIENT = `retry: { schedule: [0s${', 500ms'.repeat(60)}], jitter: 0 }`

async function sendEvent(world: Pick<World, 'post'>): Promise<void> {
  await world.post('/v1/events', { type: 'call.end', data: { callid: '1' } })
}

test(
  'an endpoint that hangs: its circuit is reported, and closes',
  async () => {
    await using fine = await Receiver.start()
    await using customer = await Receiver.start()
    const answer = customer.answer
    const world = await startWorld(`
workers: 1
webhooks:
  - { id: fine, profile: custom, on: [call.end], method: POST, url: '${fine.origin}' }
  - { id: hangs, profile: custom, on: [call.end], method: POST, url: '${customer.origin}', timeouts: { response: 200ms }, circuit: { failures: 3, within: 60s, probe: 500ms }, ${PATIENT} }
`)
    const outage = await Outage.watch(world.url)
    everyMs(50, () => sendEvent(world))
    customer.answer = () => undefined
    await outage.untilFired(['SwitchhookCircuitOpen warning'])
    customer.answer = answer
    await outage.untilOver(['SwitchhookCircuitOpen warning'])
  },
  LIMIT_MS,
)

test(
  'a worker that dies: its death is reported once',
  async () => {
    await using customer = await Receiver.start()
    const threads = watchThreads()
    const world = await startWorld(`
workers: 1
webhooks: [ { id: feed, profile: custom, on: [call.end], method: POST, url: '${customer.origin}', ${PATIENT} } ]
`)
    const outage = await Outage.watch(world.url)
    everyMs(50, () => sendEvent(world))
    await customer.until(() => customer.received.length > 5)
    await killThreads(threads)
    await outage.untilFired(['SwitchhookWorkerDeaths warning'])
    await outage.untilOver(['SwitchhookWorkerDeaths warning'])
  },
  LIMIT_MS,
)

test(
  'a backlog that grows: it is reported before it is full, and when events are refused',
  async () => {
    await using customer = await Receiver.start()
    const config = (rate: string): string => `
workers: 1
store: { engine: memory, backlog: { total: 300, perEndpoint: 300 } }
webhooks: [ { id: feed, profile: custom, on: [call.end], method: POST, url: '${customer.origin}', rate: ${rate} } ]
`
    const world = await startWorld(config('2/s'))
    const outage = await Outage.watch(world.url)
    const sending = everyMs(50, () => sendEvent(world))
    const alerts = ['SwitchhookOutboxGrowing warning', 'SwitchhookEventsRefused critical']
    await outage.untilFired(alerts)
    await sending.stop()
    await world.reload(config('10000/s'))
    await outage.untilOver(alerts)
  },
  LIMIT_MS,
)

test(
  'calls that fail: both speeds of burning are reported',
  async () => {
    await using customer = await Receiver.start()
    const answer = customer.answer
    const world = await startWorld(`
workers: 0
webhooks: [ { id: ask, profile: wix-answers-ivr, url: '${customer.origin}', circuit: off } ]
`)
    const outage = await Outage.watch(world.url)
    everyMs(20, () => world.post('/v1/webhooks/ask/invoke', { data: { input: '1' } }))
    customer.answer = (_, response) => response.writeHead(customer.received.length % 3 === 0 ? 500 : 200).end()
    const alerts = ['SwitchhookInvokeFailures critical', 'SwitchhookInvokeFailures warning']
    await outage.untilFired(alerts)
    customer.answer = answer
    await outage.untilOver(alerts)
  },
  LIMIT_MS,
)

test(
  'an engine that is gone: it is reported until it is back',
  async () => {
    const port = await freePort()
    const first = await startWorld('workers: 0', {}, port)
    const outage = await Outage.watch(first.url)
    await first.service.close(0)
    await outage.untilFired(['SwitchhookDown critical'])
    await startWorld('workers: 0', {}, port)
    await outage.untilOver(['SwitchhookDown critical'])
  },
  LIMIT_MS,
)

test(
  'a disk that fills: it is reported before it is full where that can be known, and when nothing can be written',
  async () => {
    const mebibyte = 2 ** 20
    const folder = await testFiles({})
    await using customer = await Receiver.start()
    // Mounting needs root; elsewhere a limit on the size of files stands for the full disk, which nobody sees coming.
    await using volume = (await mountVolume(folder, 256 * mebibyte)) ?? limitVolume(folder)
    const config = join(folder, 'switchhook.yaml')
    await writeFile(
      config,
      `store: { path: '${volume.storePath}', minFree: ${volume.leave === undefined ? '0B' : '32MiB'} }
network: { allow: [127.0.0.0/8] }
webhooks: [ { id: feed, profile: custom, on: [call.end], method: POST, url: '${customer.origin}', ${PATIENT} } ]
`,
    )
    await using engine = await ended(startEngine(config))
    const outage = await Outage.watch(engine.process.origin)
    const sending = everyMs(50, () =>
      fetch(`${engine.process.origin}/v1/events`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ type: 'call.end', data: { callid: 'x'.repeat(1000) } }),
      }),
    )
    const { leave } = volume
    let left = 240 * mebibyte
    const fillMore = async (): Promise<void> => {
      left = Math.max(80 * mebibyte, left - mebibyte)
      await leave?.(left)
    }
    const alerts = [
      ...(leave === undefined ? [] : ['SwitchhookDiskFullSoon warning']),
      'SwitchhookStoreErrors critical',
    ]
    if (leave !== undefined) await outage.untilFired(['SwitchhookDiskFullSoon warning'], fillMore)
    await volume.fill(engine.process.pid)
    await outage.untilFired(alerts)
    await volume.giveBack(engine.process.pid)
    await outage.untilOver(alerts)
    await sending.stop()
    expect(await (await fetch(`${engine.process.origin}/readyz`)).json()).toMatchObject({ status: 'ready' })
  },
  LIMIT_MS,
)

/** An engine that is ended before its disk is taken away. */
async function ended(starting: Promise<EngineProcess>): Promise<{ readonly process: EngineProcess } & AsyncDisposable> {
  const process = await starting
  return {
    process,
    [Symbol.asyncDispose]: async () => {
      process.kill()
      await process.ended()
    },
  }
}
