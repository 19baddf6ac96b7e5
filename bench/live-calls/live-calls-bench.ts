/**
 * `live-calls`: what standing between a switch and a customer's server adds to a call, at a rate that waits for nobody:
 * Switchhook beside a bare Fastify proxy and an Express proxy, all beside a call with nobody between.
 */
import { type Bench, type BenchSettings, roundsOf } from '../bench.ts'
import type { BenchResult, Series } from '../measuring/result.ts'
import { inRounds, type Measurements, slicesOf } from '../measuring/rounds.ts'
import { pairedRatios } from '../measuring/spread.ts'
import { startReceiver } from '../traffic/receiver.ts'
import { Caller, type CallFigures } from './call-slices.ts'
import {
  ANSWER,
  DIRECT,
  directCallee,
  EXPRESS_PROXY,
  FASTIFY_PROXY,
  SWITCHHOOK,
  startProxy,
  startSwitchhook,
} from './callees.ts'
import { latencyPoints } from './latencies.ts'

/** See `Bench`. */
export const liveCallsBench: Bench = {
  name: 'live-calls',
  summary: 'what an invoke adds to a direct call, beside proxies of Fastify and Express',
  runsIn: ['shortest', 'check', 'full'],
  run,
}

/** Calls a second, unless the command line says otherwise. */
export const CALLS_PER_SECOND = 1000

/** Length of a slice. */
const SLICE_MS = { shortest: 100, check: 1500, full: 5000 }

async function run(settings: BenchSettings): Promise<BenchResult> {
  const { size, wishes } = settings
  await using stack = new AsyncDisposableStack()
  const receiver = stack.use(await startReceiver(ANSWER))
  const caller = Caller.start(stack)
  const callees = [
    directCallee(receiver),
    await startSwitchhook(stack, receiver),
    await startProxy(stack, receiver, FASTIFY_PROXY),
    await startProxy(stack, receiver, EXPRESS_PROXY),
  ]
  const rate = { perSecond: wishes.perSecond ?? CALLS_PER_SECOND, durationMs: wishes.sliceMs ?? SLICE_MS[size] }
  const contenders = callees.map((callee) => ({ name: callee.name, slice: () => caller.call(callee, rate) }))
  const measured = await inRounds(contenders, roundsOf(settings))
  const added = (name: string): readonly number[] => addedMs(measured, name, ({ p50Ms }) => p50Ms)
  const cpu = (name: string): readonly number[] => slicesOf(measured, name).map(({ cpuUs }) => cpuUs)
  return {
    tables: [
      {
        title: `Live calls, ${rate.perSecond} a second for ${rate.durationMs / 1000} s a slice`,
        columns: ['between switch and server', 'p50', 'p99', 'adds at p50', 'adds at p99', 'CPU a call'],
        rows: callees.map(({ name }) => rowOf(measured, name)),
      },
    ],
    ratios: [
      { gate: 'invoke-added-fastify', values: pairedRatios(added(SWITCHHOOK), added(FASTIFY_PROXY)) },
      { gate: 'invoke-added-express', values: pairedRatios(added(SWITCHHOOK), added(EXPRESS_PROXY)) },
      { gate: 'invoke-cpu-fastify', values: pairedRatios(cpu(SWITCHHOOK), cpu(FASTIFY_PROXY)) },
    ],
    controls: [
      { name: `${DIRECT}, p50`, unit: 'ms', values: slicesOf(measured, DIRECT).map(({ p50Ms }) => p50Ms) },
      { name: `${FASTIFY_PROXY}, what it adds at p50`, unit: 'ms', values: added(FASTIFY_PROXY) },
    ],
    latencies: callees.map(({ name }) => ({
      name,
      points: latencyPoints(slicesOf(measured, name).map(({ latencies }) => latencies)),
    })),
  }
}

function rowOf(measured: Measurements<CallFigures>, name: string): readonly (string | Series)[] {
  const slices = slicesOf(measured, name)
  const series = (unit: string, values: readonly number[]): Series => ({ name, unit, values })
  const times = [
    series(
      'ms',
      slices.map(({ p50Ms }) => p50Ms),
    ),
    series(
      'ms',
      slices.map(({ p99Ms }) => p99Ms),
    ),
  ]
  if (name === DIRECT) return [name, ...times, '', '', '']
  return [
    name,
    ...times,
    series(
      'ms',
      addedMs(measured, name, ({ p50Ms }) => p50Ms),
    ),
    series(
      'ms',
      addedMs(measured, name, ({ p99Ms }) => p99Ms),
    ),
    series(
      'µs',
      slices.map(({ cpuUs }) => cpuUs),
    ),
  ]
}

/** What a callee adds to the direct call of the same round. */
function addedMs(
  measured: Measurements<CallFigures>,
  name: string,
  read: (figures: CallFigures) => number,
): readonly number[] {
  const direct = slicesOf(measured, DIRECT).map(read)
  return slicesOf(measured, name).map((figures, round) => read(figures) - (direct[round] ?? Number.NaN))
}
