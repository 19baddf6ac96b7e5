/**
 * `under-load`: whether live calls notice that send is busy, and how long a delivery waits between acceptance and the wire.
 * Shares are of the maximum that this machine made at the beginning of the run. Calls with nobody between, at the same time, show
 * what the machine itself makes of so many busy processes.
 */
import { join } from 'node:path'
import { type Bench, type BenchSettings, roundsOf } from '../bench.ts'
import type { ClientCommands } from '../deliveries/client-program.ts'
import { LIMIT } from '../deliveries/clients.ts'
import { ENGINE_FILE, EVENTS_A_REQUEST, startSource } from '../deliveries/deliverers.ts'
import type { EngineCommands } from '../deliveries/engine-program.ts'
import { Caller } from '../live-calls/call-slices.ts'
import { ANSWER, type Callee, directCallee, switchhookCallee } from '../live-calls/callees.ts'
import { percentileMs } from '../live-calls/latencies.ts'
import { CALLS_PER_SECOND } from '../live-calls/live-calls-bench.ts'
import type { BenchResult, Series } from '../measuring/result.ts'
import { inRounds, type Measurements, slicesOf } from '../measuring/rounds.ts'
import { pairedRatios } from '../measuring/spread.ts'
import { Program } from '../processes/program.ts'
import type { EventSourceCommands } from '../traffic/event-source-program.ts'
import { type Receiver, startReceiver } from '../traffic/receiver.ts'
import { dispatchFlow, eventFlow } from './delivery-flow.ts'
import { mostDeliveries } from './most-deliveries.ts'

/** See `Bench`. */
export const underLoadBench: Bench = {
  name: 'under-load',
  summary: 'live calls while send is busy; accepted to on the wire at half of the maximum',
  runsIn: ['shortest', 'check', 'full'],
  run,
}

/** Length of a slice. */
const SLICE_MS = { shortest: 200, check: 1500, full: 5000 }

/** Deliveries by which the maximum is found. */
const POURED = { shortest: 200, check: 10_000, full: 30_000 }

/** Shares of the maximum. */
const BUSY = 0.7
const HALF = 0.5

/** Slices of each round. */
const IDLE = 'live calls, send idle'
const LOADED = 'live calls, send at 70 %'
const DIRECT_IDLE = 'calls with nobody between, send idle'
const DIRECT_LOADED = 'calls with nobody between, send at 70 %'
const LAG = 'accepted to on the wire, at half'
const BARE = `${LIMIT} at the same rate`

/** Milliseconds; `loopMs` of the main thread's loop, where it was watched. */
interface Figures {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly loopMs: number
}

/** All processes. */
interface Parts {
  readonly receiver: Receiver
  readonly engine: Program<EngineCommands>
  readonly source: Program<EventSourceCommands>
  readonly client: Program<ClientCommands>
  readonly caller: Caller
  readonly callee: Callee
  /** Where live calls of the callee end as well. */
  readonly direct: Callee
}

async function run(settings: BenchSettings): Promise<BenchResult> {
  const { size, wishes, progress } = settings
  await using stack = new AsyncDisposableStack()
  const parts = await startParts(stack, settings.folder)
  const poured = POURED[size]
  const most = await mostDeliveries(engineDelivererOf(parts), parts.receiver, 0, poured)
  progress(`under-load: at the most ${Math.round(most)} deliveries a second`)
  let first = 2 * poured
  const durationMs = wishes.sliceMs ?? SLICE_MS[size]
  const callRate = { perSecond: wishes.perSecond ?? CALLS_PER_SECOND, durationMs }
  const next = (share: number) => {
    const perSecond = Math.max(100, most * share)
    const calls = { first, count: Math.ceil((perSecond * durationMs) / 1000) }
    first += calls.count
    return { calls, perSecond }
  }
  const { receiver, engine, source, client, caller, callee, direct } = parts
  const idle = async (target: Callee): Promise<Figures> => ({ ...(await caller.call(target, callRate)), loopMs: 0 })
  const loaded = async (target: Callee): Promise<Figures> => {
    const { calls, perSecond } = next(BUSY)
    await engine.ask('watchLoop', undefined)
    const [called] = await Promise.all([caller.call(target, callRate), eventFlow(source, receiver, calls, perSecond)])
    const { p99Ms } = await engine.ask('loopDelay', undefined)
    await engine.ask('settled', undefined)
    return { ...called, loopMs: p99Ms }
  }
  const contenders = [
    { name: IDLE, slice: () => idle(callee) },
    { name: LOADED, slice: () => loaded(callee) },
    { name: DIRECT_IDLE, slice: () => idle(direct) },
    { name: DIRECT_LOADED, slice: () => loaded(direct) },
    {
      name: LAG,
      slice: async (): Promise<Figures> => {
        const { calls, perSecond } = next(HALF)
        const { accepted } = await eventFlow(source, receiver, calls, perSecond)
        await engine.ask('settled', undefined)
        return { p50Ms: percentileMs(accepted, 50), p99Ms: percentileMs(accepted, 99), loopMs: 0 }
      },
    },
    {
      name: BARE,
      slice: async (): Promise<Figures> => {
        const { calls, perSecond } = next(HALF)
        const { due } = await dispatchFlow(client, receiver, calls, perSecond)
        return { p50Ms: percentileMs(due, 50), p99Ms: percentileMs(due, 99), loopMs: 0 }
      },
    },
  ]
  return resultOf(await inRounds(contenders, roundsOf(settings)), most)
}

async function startParts(stack: AsyncDisposableStack, folder: string): Promise<Parts> {
  const receiver = stack.use(await startReceiver())
  const live = stack.use(await startReceiver(ANSWER))
  const engine = stack.use(Program.start<EngineCommands>(ENGINE_FILE))
  const origins = [receiver.origin()]
  const wish = { store: 'embedded', folder: join(folder, 'store'), origins, liveOrigin: live.origin() } as const
  const origin = await engine.ask('start', wish)
  const source = await startSource(stack, origin)
  const client = stack.use(Program.start<ClientCommands>(new URL('../deliveries/client-program.ts', import.meta.url)))
  await client.ask('open', { client: LIMIT, origin: receiver.origin() })
  const callee = switchhookCallee(engine, origin)
  return { receiver, engine, source, client, caller: Caller.start(stack), callee, direct: directCallee(live) }
}

function engineDelivererOf({ engine, source }: Parts): Parameters<typeof mostDeliveries>[0] {
  return {
    name: 'the engine',
    program: engine,
    prepare: (calls) => source.ask('prepare', { ...calls, perRequest: EVENTS_A_REQUEST }),
    deliver: () => source.ask('pour', { inFlight: 4 }),
    settle: () => engine.ask('settled', undefined),
  }
}

function resultOf(measured: Measurements<Figures>, most: number): BenchResult {
  const of = (name: string, read: (figures: Figures) => number): readonly number[] => slicesOf(measured, name).map(read)
  const p50 = ({ p50Ms }: Figures): number => p50Ms
  const p99 = ({ p99Ms }: Figures): number => p99Ms
  const loop = ({ loopMs }: Figures): number => loopMs
  const series = (name: string, read: (figures: Figures) => number): Series => ({
    name,
    unit: 'ms',
    values: of(name, read),
  })
  return {
    tables: [
      {
        title: `While the engine is busy; its maximum is ${Math.round(most)} deliveries a second`,
        columns: ['what', 'p50', 'p99', 'loop delay p99'],
        rows: [...measured.keys()].map((name) => [
          name,
          series(name, p50),
          series(name, p99),
          name === LOADED || name === DIRECT_LOADED ? series(name, loop) : '',
        ]),
      },
    ],
    ratios: [
      { gate: 'loaded-invoke-p99', values: pairedRatios(of(LOADED, p99), of(IDLE, p99)) },
      { gate: 'loaded-loop-delay', values: of(LOADED, loop) },
      { gate: 'lag-p99', values: pairedRatios(of(LAG, p99), of(BARE, p99)) },
    ],
    // Not its p99, which is far apart on any machine; what is judged of it is paired round by round.
    controls: [series(BARE, p50)],
    latencies: [],
  }
}
