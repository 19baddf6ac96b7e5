/**
 * `tracing`: what spans cost a delivery. Four whole engines, in memory: one as it is by default, one that makes spans though nobody
 * listens, one whose listener samples nothing, one whose listener takes everything. That which is off does less than that which
 * nobody listens to, so where these two cost the same, off costs nothing. Invariant: before anything is told, the listener has got
 * every span of every delivery, or none.
 */
import { type Bench, type BenchSettings, roundsOf } from '../bench.ts'
import { LIMIT } from '../deliveries/clients.ts'
import { controlDeliverer, ENGINE_FILE, pouringDeliverer, startSource } from '../deliveries/deliverers.ts'
import { contender } from '../deliveries/deliveries-bench.ts'
import type { Deliverer } from '../deliveries/delivery-slice.ts'
import type { EngineCommands } from '../deliveries/engine-program.ts'
import type { BenchResult } from '../measuring/result.ts'
import { inRounds, slicesOf } from '../measuring/rounds.ts'
import { pairedRatios } from '../measuring/spread.ts'
import { Program } from '../processes/program.ts'
import { type Receiver, startReceiver } from '../traffic/receiver.ts'
import type { Listening } from './counting-provider.ts'

/** See `Bench`. */
export const tracingBench: Bench = {
  name: 'tracing',
  summary: 'processor time that spans add to a delivery, where they are off, not sampled, and sampled',
  runsIn: ['shortest', 'check', 'full'],
  run,
}

/** Deliveries in a slice: few, and more rounds than elsewhere, since small shares show only in pairs that stand close together. */
const SLICE_COUNT = { shortest: 300, check: 6000, full: 6000 }

/** Rounds for one of other benches. */
const ROUNDS_FACTOR = { shortest: 1, check: 3, full: 6 }

/** Spans of an event with one delivery: accept, route, deliver, render, send, settle. */
const SPANS_A_DELIVERY = 6

/** What is measured, as it is called; the first is what the others are compared with. */
const ENGINES: readonly (readonly [name: string, tracing: Listening | undefined, gate: string])[] = [
  ['off', undefined, ''],
  ['on, nobody listens', 'nobody', 'tracing-unheard'],
  ['on, not sampled', 'unsampled', 'tracing-unsampled'],
  ['on, all sampled', 'sampled', 'tracing-sampled'],
]

/** An engine that is measured. */
interface Traced {
  readonly gate: string
  readonly deliverer: Deliverer
  readonly expectedSpans: number
  readonly spans: () => Promise<number>
}

async function run(settings: BenchSettings): Promise<BenchResult> {
  const { size } = settings
  await using stack = new AsyncDisposableStack()
  const receiver = stack.use(await startReceiver())
  const engines: Traced[] = []
  for (const [name, tracing, gate] of ENGINES) engines.push(await tracedEngine(stack, receiver, name, tracing, gate))
  const limit = await controlDeliverer(stack, receiver)
  const count = SLICE_COUNT[size]
  const rounds = settings.wishes.rounds ?? roundsOf(settings) * ROUNDS_FACTOR[size]
  const measured = await inRounds(
    [limit, ...engines.map(({ deliverer }) => deliverer)].map((each) => contender(each, receiver, count)),
    rounds,
  )
  for (const { deliverer, expectedSpans, spans } of engines) {
    // The round that warms up is counted too.
    const expected = expectedSpans * count * (rounds + 1)
    const got = await spans()
    if (got !== expected) throw new Error(`${deliverer.name}: ${got} spans instead of ${expected}`)
  }
  const cpuOf = (name: string): readonly number[] => slicesOf(measured, name).map(({ cpuUs }) => cpuUs)
  const off = cpuOf(engines[0]?.deliverer.name ?? '')
  const ratiosOf = ({ deliverer }: Traced): readonly number[] => pairedRatios(cpuOf(deliverer.name), off)
  return {
    tables: [
      {
        title: `Spans, ${count} deliveries a slice, in memory`,
        columns: ['tracing', 'CPU a delivery', 'times off', 'spans a delivery'],
        rows: engines.map((engine) => [
          engine.deliverer.name,
          { name: '', unit: 'µs', values: cpuOf(engine.deliverer.name) },
          { name: '', unit: '', values: ratiosOf(engine) },
          String(engine.expectedSpans),
        ]),
      },
    ],
    ratios: engines
      .filter(({ gate }) => gate !== '')
      .map((engine) => ({ gate: engine.gate, values: ratiosOf(engine) })),
    controls: [{ name: `${LIMIT}, processor time`, unit: 'µs', values: cpuOf(LIMIT) }],
    latencies: [],
  }
}

async function tracedEngine(
  stack: AsyncDisposableStack,
  receiver: Receiver,
  name: string,
  tracing: Listening | undefined,
  gate: string,
): Promise<Traced> {
  const program = stack.use(Program.start<EngineCommands>(ENGINE_FILE))
  const wish = { store: 'memory' as const, folder: '.', origins: [receiver.origin()] }
  const origin = await program.ask('start', tracing === undefined ? wish : { ...wish, tracing })
  return {
    gate,
    deliverer: pouringDeliverer(name, program, await startSource(stack, origin)),
    expectedSpans: tracing === 'sampled' ? SPANS_A_DELIVERY : 0,
    spans: () => program.ask('spans', undefined),
  }
}
