/**
 * `endpoints`: what a delivery costs with traffic over 10,000 endpoints instead of 10, and what is left of them when the
 * traffic ends. Each endpoint is an address of its own in 127.0.0.0/8.
 */
import { type Bench, type BenchSettings, roundsOf } from '../bench.ts'
import { LIMIT } from '../deliveries/clients.ts'
import { controlDeliverer, ENGINE_FILE, EVENTS_A_REQUEST, startSource } from '../deliveries/deliverers.ts'
import { contender } from '../deliveries/deliveries-bench.ts'
import type { Deliverer } from '../deliveries/delivery-slice.ts'
import { type EngineWish, eventTypeOf } from '../deliveries/engine-config.ts'
import type { EngineCommands } from '../deliveries/engine-program.ts'
import type { BenchResult, Table } from '../measuring/result.ts'
import { inRounds, slicesOf } from '../measuring/rounds.ts'
import { pairedRatios } from '../measuring/spread.ts'
import { Program } from '../processes/program.ts'
import { type Receiver, startReceiver } from '../traffic/receiver.ts'

/** See `Bench`. */
export const endpointsBench: Bench = {
  name: 'endpoints',
  summary: '10 and 10,000 endpoints: a delivery, connections and memory afterwards',
  runsIn: ['shortest', 'check', 'full'],
  run,
}

/** Numbers of endpoints. */
const COUNTS = { shortest: [2, 40], check: [10, 10_000], full: [10, 10_000] } as const

/**
 * Deliveries in a slice: one to each of 10,000 endpoints, so that the warm-up opens all connections, one each: with more, some
 * endpoints get a second one, and together they come near the 20,000 files that a process may have open on many systems.
 */
const SLICE_COUNT = { shortest: 200, check: 10_000, full: 10_000 }

/** Pools close after 60 to 120 s without a request; looked at for a little longer, in the full size alone. */
const IDLE_LIMIT_MS = 140_000
const LOOK_MS = 1000

interface SpreadEngine {
  readonly program: Program<EngineCommands>
  readonly deliverer: Deliverer
}

async function run(settings: BenchSettings): Promise<BenchResult> {
  const { size } = settings
  await using stack = new AsyncDisposableStack()
  // Each has a receiver of its own, so that the connections of one can be counted.
  const receivers = [stack.use(await startReceiver()), stack.use(await startReceiver())] as const
  const [few, many] = COUNTS[size]
  const count = SLICE_COUNT[size]
  const small = await startSpread(stack, receivers[0], few)
  const large = await startSpread(stack, receivers[1], many)
  const limit = await controlDeliverer(stack, receivers[0])
  const measured = await inRounds(
    [
      contender(limit, receivers[0], count),
      contender(small.deliverer, receivers[0], count),
      contender(large.deliverer, receivers[1], count),
    ],
    roundsOf(settings),
  )
  const cpu = ({ name }: Deliverer): readonly number[] => slicesOf(measured, name).map(({ cpuUs }) => cpuUs)
  const rate = ({ name }: Deliverer): readonly number[] => slicesOf(measured, name).map(({ perSecond }) => perSecond)
  const values = (of: readonly number[], unit: string) => ({ name: '', unit, values: of })
  const table: Table = {
    title: `Many endpoints, in memory, ${count} deliveries a slice`,
    columns: ['what', `${few} endpoints`, `${many.toLocaleString('en')} endpoints`],
    rows: [
      ['CPU a delivery', values(cpu(small.deliverer), 'µs'), values(cpu(large.deliverer), 'µs')],
      ['deliveries', values(rate(small.deliverer), '/s'), values(rate(large.deliverer), '/s')],
    ],
  }
  const idle = size === 'full' ? [await afterTraffic(large, receivers[1])] : []
  return {
    tables: [table, ...idle],
    ratios: [{ gate: 'endpoints-delivery', values: pairedRatios(cpu(large.deliverer), cpu(small.deliverer)) }],
    controls: [{ name: `${LIMIT}, processor time`, unit: 'µs', values: cpu(limit) }],
    latencies: [],
  }
}

async function startSpread(stack: AsyncDisposableStack, receiver: Receiver, endpoints: number): Promise<SpreadEngine> {
  const program = stack.use(Program.start<EngineCommands>(ENGINE_FILE, ['--expose-gc']))
  const origins = Array.from({ length: endpoints }, (_, index) => receiver.origin(index))
  const wish: EngineWish = { store: 'memory', folder: '', origins, webhooks: endpoints }
  const source = await startSource(stack, await program.ask('start', wish))
  const types = origins.map((_, index) => eventTypeOf(index))
  const deliverer: Deliverer = {
    name: `${endpoints} endpoints`,
    program,
    prepare: (calls) => source.ask('prepare', { ...calls, perRequest: EVENTS_A_REQUEST, types }),
    deliver: () => source.ask('pour', { inFlight: 4 }),
    settle: () => program.ask('settled', undefined),
  }
  return { program, deliverer }
}

/** What is left when the traffic has ended; throws where connections stay open. */
async function afterTraffic({ program }: SpreadEngine, receiver: Receiver): Promise<Table> {
  const during = { connections: await connections(receiver), memory: (await program.memory()).bytes }
  const endMs = performance.now() + IDLE_LIMIT_MS
  while ((await connections(receiver)) > 0) {
    if (performance.now() > endMs) throw new Error('idle pools were not closed')
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
  const after = { connections: 0, memory: (await program.memory()).bytes }
  const mebibytes = (bytes: number) => ({ name: '', unit: 'MiB', values: [bytes / 2 ** 20] })
  return {
    title: 'When the traffic has ended',
    columns: ['what', 'at its end', 'two minutes later'],
    rows: [
      ['connections', String(during.connections), String(after.connections)],
      ['live memory', mebibytes(during.memory), mebibytes(after.memory)],
    ],
  }
}

async function connections(receiver: Receiver): Promise<number> {
  return await receiver.program.ask('connections', undefined)
}
