/**
 * `soak`: the durable engine at 60 % of its maximum for as long as is asked for: live memory, handles and latencies must not
 * grow. After each window bare dispatch at the same rate tells whether the machine has changed. Runs by name alone, or with `--soak`.
 */
import { join } from 'node:path'
import type { Bench, BenchSettings } from '../bench.ts'
import type { ClientCommands } from '../deliveries/client-program.ts'
import { LIMIT } from '../deliveries/clients.ts'
import { ENGINE_FILE, pouringDeliverer, startSource } from '../deliveries/deliverers.ts'
import type { EngineCommands } from '../deliveries/engine-program.ts'
import { percentileMs } from '../live-calls/latencies.ts'
import type { BenchResult } from '../measuring/result.ts'
import { median } from '../measuring/spread.ts'
import { Program } from '../processes/program.ts'
import { startReceiver } from '../traffic/receiver.ts'
import { dispatchFlow, eventFlow } from '../under-load/delivery-flow.ts'
import { mostDeliveries } from '../under-load/most-deliveries.ts'

/** See `Bench`. */
export const soakBench: Bench = {
  name: 'soak',
  summary: 'ten minutes at 60 %: memory, handles and p99 stay where they are',
  runsIn: ['shortest'],
  run,
}

/** Length, unless the command line says otherwise. */
const SOAK_MS = { shortest: 800, check: 60_000, full: 600_000 }

/** Windows that are looked at one by one; the first quarter of them warms up. */
const WINDOWS = 20
const QUARTER = WINDOWS / 4

/** Deliveries by which the maximum is found. */
const POURED = { shortest: 200, check: 10_000, full: 30_000 }

const SHARE = 0.6

/**
 * Share of a window whose latencies do not count: the heap was collected as a whole before it, to see what lives, and the code that
 * goes with it is compiled again. That alone doubled the p99 of a window.
 */
const WARM_UP_SHARE = 0.1

/** Length of bare dispatch, as a share of its window. */
const BARE_SHARE = 0.2

interface Window {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly liveBytes: number
  readonly handles: number
  /** Processor time a delivery. */
  readonly cpuUs: number
  /** Of bare dispatch right after. */
  readonly bareCpuUs: number
  readonly bareP99Ms: number
}

async function run({ size, folder, wishes, progress }: BenchSettings): Promise<BenchResult> {
  await using stack = new AsyncDisposableStack()
  const receiver = stack.use(await startReceiver())
  const engine = stack.use(Program.start<EngineCommands>(ENGINE_FILE, ['--expose-gc']))
  const wish = { store: 'embedded', folder: join(folder, 'store'), origins: [receiver.origin()] } as const
  const source = await startSource(stack, await engine.ask('start', wish))
  const deliverer = pouringDeliverer('the engine', engine, source)
  const bare = stack.use(Program.start<ClientCommands>(new URL('../deliveries/client-program.ts', import.meta.url)))
  await bare.ask('open', { client: LIMIT, origin: receiver.origin() })
  const most = await mostDeliveries(deliverer, receiver, 0, POURED[size])
  const perSecond = Math.max(100, most * SHARE)
  const windowMs = (wishes.soakMs ?? SOAK_MS[size]) / WINDOWS
  const count = Math.ceil((perSecond * windowMs) / 1000)
  const warmUpShare = size === 'shortest' ? 0 : WARM_UP_SHARE
  const windows: Window[] = []
  for (let window = 0; window < WINDOWS; window += 1) {
    const calls = { first: 2 * POURED[size] + window * count, count }
    const before = await engine.usage()
    const { due } = await eventFlow(source, receiver, calls, perSecond, windowMs * warmUpShare)
    await engine.ask('settled', undefined)
    const after = await engine.usage()
    const { bytes } = await engine.memory()
    const bareCalls = { first: 0, count: Math.ceil(count * BARE_SHARE) }
    const bareFlow = await dispatchFlow(bare, receiver, bareCalls, perSecond)
    windows.push({
      p50Ms: percentileMs(due, 50),
      p99Ms: percentileMs(due, 99),
      liveBytes: bytes,
      handles: after.handles,
      cpuUs: (after.cpuUs - before.cpuUs) / count,
      bareCpuUs: bareFlow.cpuUs,
      bareP99Ms: percentileMs(bareFlow.due, 99),
    })
    progress(`soak: window ${window + 1} of ${WINDOWS}`)
  }
  return resultOf(windows, perSecond, windowMs)
}

function resultOf(windows: readonly Window[], perSecond: number, windowMs: number): BenchResult {
  const second = windows.slice(QUARTER, 2 * QUARTER)
  const last = windows.slice(-QUARTER)
  const row = (what: string, unit: string, read: (window: Window) => number) => [
    what,
    { name: what, unit, values: second.map(read) },
    { name: what, unit, values: last.map(read) },
  ]
  const growth = (read: (window: Window) => number): readonly number[] => [
    median(last.map(read)) / median(second.map(read)),
  ]
  return {
    tables: [
      {
        title: `${Math.round(perSecond)} deliveries a second, ${WINDOWS} windows of ${windowMs / 1000} s`,
        columns: ['what', 'second quarter', 'last quarter'],
        rows: [
          row('live memory', 'MiB', ({ liveBytes }) => liveBytes / 2 ** 20),
          row('handles', '', ({ handles }) => handles),
          row('due to on the wire, p50', 'ms', ({ p50Ms }) => p50Ms),
          row('due to on the wire, p99', 'ms', ({ p99Ms }) => p99Ms),
          row('CPU a delivery', 'µs', ({ cpuUs }) => cpuUs),
          row(`${LIMIT}, due to on the wire, p99`, 'ms', ({ bareP99Ms }) => bareP99Ms),
          row(`${LIMIT}, CPU a delivery`, 'µs', ({ bareCpuUs }) => bareCpuUs),
        ],
      },
    ],
    ratios: [
      { gate: 'soak-heap', values: growth(({ liveBytes }) => liveBytes) },
      { gate: 'soak-p99', values: growth(({ p99Ms }) => p99Ms) },
    ],
    // A soak is not measured again: what the machine did meanwhile is told beside it.
    controls: [],
    latencies: [],
  }
}
