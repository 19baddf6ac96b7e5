/**
 * `deliveries`: what a delivery costs in processor time, from bare dispatch of prepared bytes (the limit) over rendering and
 * sending in a worker to the whole engine, in memory and durable; HTTP clients that services use stand beside them.
 */
import type { Bench, BenchSettings } from '../bench.ts'
import { roundsOf } from '../bench.ts'
import type { BenchResult, Series, Table } from '../measuring/result.ts'
import { inRounds, type Measurements, slicesOf } from '../measuring/rounds.ts'
import { pairedRatios } from '../measuring/spread.ts'
import { type Receiver, startReceiver } from '../traffic/receiver.ts'
import { CLIENTS, type ClientName, LIMIT } from './clients.ts'
import { clientDeliverer, engineDeliverer, renderAndSendDeliverer } from './deliverers.ts'
import { type Deliverer, type DeliverySlice, deliverySlice } from './delivery-slice.ts'

/** See `Bench`. */
export const deliveriesBench: Bench = {
  name: 'deliveries',
  summary: 'processor time a delivery: the limit, render and send, the whole engine',
  runsIn: ['shortest', 'check', 'full'],
  run,
}

/** Deliveries in a slice. */
const SLICE_COUNT = { shortest: 300, check: 20_000, full: 30_000 }

async function run(settings: BenchSettings): Promise<BenchResult> {
  const { size, folder } = settings
  await using stack = new AsyncDisposableStack()
  const receiver = stack.use(await startReceiver())
  const own = [
    await renderAndSendDeliverer(stack, receiver),
    await engineDeliverer(stack, receiver, 'memory', folder),
    await engineDeliverer(stack, receiver, 'embedded', folder),
  ] as const
  const [worker, memory, durable] = own.map(({ name }) => name)
  const count = SLICE_COUNT[size]
  const limit = await clientDeliverer(stack, receiver, LIMIT)
  const measured = await inRounds(
    [limit, ...own].map((each) => contender(each, receiver, count)),
    roundsOf(settings),
  )
  const clients = size === 'check' ? undefined : await measureClients(stack, receiver, settings, count)
  const limitCpu = slicesOf(measured, LIMIT).map(({ cpuUs }) => cpuUs)
  const ratio = (gate: string, name = ''): BenchResult['ratios'][number] => {
    const values = slicesOf(measured, name).map(({ cpuUs }) => cpuUs)
    return { gate, values: pairedRatios(values, limitCpu) }
  }
  const title = `A delivery, ${count} a slice, 25 tokens, about 600 bytes`
  return {
    tables: [
      deliveryTable(title, measured, LIMIT),
      ...(clients === undefined ? [] : [deliveryTable('HTTP clients that send prepared bytes', clients, LIMIT)]),
    ],
    ratios: [
      ratio('delivery-render-and-send', worker),
      ratio('delivery-engine-memory', memory),
      ratio('delivery-engine-durable', durable),
    ],
    controls: [{ name: `${LIMIT}, processor time`, unit: 'µs', values: limitCpu }],
    latencies: [],
  }
}

/** A deliverer whose slices go on where those of the round before ended: a call is sent once to one that tells duplicates. */
export function contender(
  deliverer: Deliverer,
  receiver: Receiver,
  count: number,
): { readonly name: string; readonly slice: (round: number) => Promise<DeliverySlice> } {
  return {
    name: deliverer.name,
    slice: (round) => deliverySlice(deliverer, receiver, { first: round * count, count }),
  }
}

async function measureClients(
  stack: AsyncDisposableStack,
  receiver: Receiver,
  settings: BenchSettings,
  count: number,
): Promise<Measurements<DeliverySlice>> {
  const names = Object.keys(CLIENTS).filter((name): name is ClientName => name in CLIENTS)
  const deliverers = await Promise.all(names.map((name) => clientDeliverer(stack, receiver, name)))
  // A quarter of the length: the slowest of them take ten times as long.
  const fewer = Math.ceil(count / 4)
  return await inRounds(
    deliverers.map((each) => contender(each, receiver, fewer)),
    roundsOf(settings),
  )
}

/** What each contender's slices gave, beside the control. */
function deliveryTable(title: string, measured: Measurements<DeliverySlice>, control: string): Table {
  const beside = slicesOf(measured, control).map(({ cpuUs }) => cpuUs)
  const series = (unit: string, values: readonly number[]): Series => ({ name: '', unit, values })
  return {
    title,
    columns: ['contender', 'CPU a delivery', `times ${control}`, 'deliveries', 'head'],
    rows: [...measured].map(([name, slices]) => {
      const cpu = slices.map(({ cpuUs }) => cpuUs)
      return [
        name,
        series('µs', cpu),
        series('', pairedRatios(cpu, beside)),
        series(
          '/s',
          slices.map(({ perSecond }) => perSecond),
        ),
        series(
          'bytes',
          slices.map(({ headBytes }) => headBytes),
        ),
      ]
    }),
  }
}
