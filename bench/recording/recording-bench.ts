/**
 * `recording`: what metrics and log cost a delivery. Two whole engines, in memory, where a delivery costs least and recording has
 * the largest share of it: one counts and keeps its log at `info`, as a service does, the other does neither. Invariant: before
 * anything is told, scrapes prove that one has counted every delivery, and the other none. What a scrape costs is not in it: in
 * use there is one in the time of some hundred thousand deliveries.
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

/** See `Bench`. */
export const recordingBench: Bench = {
  name: 'recording',
  summary: 'processor time that metrics and log add to a delivery',
  runsIn: ['shortest', 'check', 'full'],
  run,
}

/**
 * Deliveries in a slice: few, and many rounds. A few percent are looked for, which only pairs show that stand close together:
 * what the machine does meanwhile then meets both.
 */
const SLICE_COUNT = { shortest: 300, check: 6000, full: 6000 }

/** Rounds for one of other benches. */
const ROUNDS_FACTOR = { shortest: 1, check: 4, full: 12 }

/** An engine that is measured, and what it has counted. */
interface Contender {
  readonly deliverer: Deliverer
  readonly counted: () => Promise<number>
}

async function run(settings: BenchSettings): Promise<BenchResult> {
  const { size } = settings
  await using stack = new AsyncDisposableStack()
  const receiver = stack.use(await startReceiver())
  const on = await recordingEngine(stack, receiver, 'on')
  const off = await recordingEngine(stack, receiver, 'off')
  const limit = await controlDeliverer(stack, receiver)
  const count = SLICE_COUNT[size]
  const rounds = settings.wishes.rounds ?? roundsOf(settings) * ROUNDS_FACTOR[size]
  const measured = await inRounds(
    [limit, on.deliverer, off.deliverer].map((each) => contender(each, receiver, count)),
    rounds,
  )
  const counted = [await on.counted(), await off.counted()]
  // The round that warms up is counted too.
  if (counted[0] !== count * (rounds + 1) || counted[1] !== 0) {
    throw new Error(
      `of ${count * (rounds + 1)} deliveries ${counted[0]} were counted, and ${counted[1]} where none should be`,
    )
  }
  const cpuOf = ({ name }: Pick<Deliverer, 'name'>): readonly number[] =>
    slicesOf(measured, name).map(({ cpuUs }) => cpuUs)
  const ratios = pairedRatios(cpuOf(on.deliverer), cpuOf(off.deliverer))
  return {
    tables: [
      {
        title: `Metrics and log, ${count} deliveries a slice, in memory`,
        columns: ['engine', 'CPU a delivery', 'times without'],
        rows: [on, off].map(({ deliverer }) => [
          deliverer.name,
          { name: '', unit: 'µs', values: cpuOf(deliverer) },
          deliverer === on.deliverer ? { name: '', unit: '', values: ratios } : '1',
        ]),
      },
    ],
    ratios: [{ gate: 'recording-cpu', values: ratios }],
    controls: [{ name: `${LIMIT}, processor time`, unit: 'µs', values: cpuOf(limit) }],
    latencies: [],
  }
}

async function recordingEngine(
  stack: AsyncDisposableStack,
  receiver: Receiver,
  recording: 'on' | 'off',
): Promise<Contender> {
  const program = stack.use(Program.start<EngineCommands>(ENGINE_FILE))
  const wish = { store: 'memory' as const, folder: '.', origins: [receiver.origin()], recording }
  const origin = await program.ask('start', wish)
  const name = `Switchhook, metrics and log ${recording}`
  return {
    deliverer: pouringDeliverer(name, program, await startSource(stack, origin)),
    counted: async () => attemptsIn(await (await fetch(`${origin}/metrics`)).text()),
  }
}

/** Attempts of all webhooks and results, as a scrape tells them. */
function attemptsIn(text: string): number {
  return [...text.matchAll(/^switchhook_attempts_total\{.*\} (\d+)$/gm)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  )
}
