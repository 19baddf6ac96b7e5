/**
 * `services`: Switchhook, durable, beside the services that teams write today, each with the way in that suits it best. Theirs
 * keep their queue in a Redis of the bench; its processor time is told apart and counted in.
 */
import { join } from 'node:path'
import { type Bench, type BenchSettings, roundsOf } from '../bench.ts'
import { LIMIT } from '../deliveries/clients.ts'
import { controlDeliverer, EVENTS_A_REQUEST, engineDeliverer, startSource } from '../deliveries/deliverers.ts'
import { contender } from '../deliveries/deliveries-bench.ts'
import type { Deliverer, DeliverySlice } from '../deliveries/delivery-slice.ts'
import type { BenchResult, MeasuredRatio, Series, Table } from '../measuring/result.ts'
import { inRounds, type Measurements, slicesOf } from '../measuring/rounds.ts'
import { pairedRatios } from '../measuring/spread.ts'
import { Program } from '../processes/program.ts'
import { type Receiver, startReceiver } from '../traffic/receiver.ts'
import { startRedis } from './redis.ts'
import type { ServiceCommands } from './service-commands.ts'

/** See `Bench`. */
export const servicesBench: Bench = {
  name: 'services',
  summary: 'deliveries a second and processor time beside Express and Fastify with BullMQ on Redis',
  runsIn: ['shortest', 'check', 'full'],
  run,
}

/** Deliveries in a slice. */
const SLICE_COUNT = { shortest: 200, check: 5_000, full: 15_000 }

/** A service as others write it. */
interface OtherService {
  readonly name: string
  readonly file: URL
  readonly perRequest: number
  /** Requests of events under way at once. */
  readonly requestsAtOnce: number
}

const EXPRESS: OtherService = {
  name: 'Express, handlebars, axios, BullMQ',
  file: new URL('./express-program.ts', import.meta.url),
  perRequest: 1,
  requestsAtOnce: 64,
}

const FASTIFY: OtherService = {
  name: 'Fastify, handlebars, undici, BullMQ addBulk',
  file: new URL('./fastify-program.ts', import.meta.url),
  perRequest: EVENTS_A_REQUEST,
  requestsAtOnce: 4,
}

async function run(settings: BenchSettings): Promise<BenchResult> {
  const { size, folder } = settings
  await using stack = new AsyncDisposableStack()
  const receiver = stack.use(await startReceiver())
  const count = SLICE_COUNT[size]
  const limit = await controlDeliverer(stack, receiver)
  const own = await engineDeliverer(stack, receiver, 'embedded', folder)
  const express = await serviceDeliverer(stack, receiver, EXPRESS, join(folder, 'redis-express'))
  const fastify = await serviceDeliverer(stack, receiver, FASTIFY, join(folder, 'redis-fastify'))
  const contenders = [limit, own, express, fastify].map((each) => contender(each, receiver, count))
  const measured = await inRounds(contenders, roundsOf(settings))
  const limitCpu = slicesOf(measured, LIMIT).map(({ cpuUs }) => cpuUs)
  return {
    tables: [serviceTable(measured, count)],
    ratios: [
      ...ratiosTo(measured, own.name, express.name, 'express'),
      ...ratiosTo(measured, own.name, fastify.name, 'fastify'),
    ],
    controls: [{ name: `${LIMIT}, processor time`, unit: 'µs', values: limitCpu }],
    latencies: [],
  }
}

async function serviceDeliverer(
  stack: AsyncDisposableStack,
  receiver: Receiver,
  { name, file, perRequest, requestsAtOnce }: OtherService,
  folder: string,
): Promise<Deliverer> {
  const redis = stack.use(await startRedis(folder))
  const program = stack.use(Program.start<ServiceCommands>(file))
  const origin = await program.ask('start', { redisPort: redis.port, origin: receiver.origin() })
  const source = await startSource(stack, origin, '/events')
  return {
    name,
    program,
    prepare: ({ first, count }) => source.ask('prepare', { first, count, perRequest }),
    deliver: () => source.ask('pour', { inFlight: requestsAtOnce }),
    settle: () => program.ask('settled', undefined),
    otherCpuUs: () => redis.cpuUs(),
  }
}

/** How many times as fast, and what share of the processor time with all that is needed. */
function ratiosTo(
  measured: Measurements<DeliverySlice>,
  own: string,
  other: string,
  short: string,
): readonly MeasuredRatio[] {
  const of = (name: string, read: (slice: DeliverySlice) => number): readonly number[] =>
    slicesOf(measured, name).map(read)
  const whole = ({ cpuUs, otherCpuUs }: DeliverySlice): number => cpuUs + otherCpuUs
  const rate = ({ perSecond }: DeliverySlice): number => perSecond
  return [
    { gate: `service-rate-${short}`, values: pairedRatios(of(own, rate), of(other, rate)) },
    { gate: `service-cpu-${short}`, values: pairedRatios(of(own, whole), of(other, whole)) },
  ]
}

function serviceTable(measured: Measurements<DeliverySlice>, count: number): Table {
  const series = (unit: string, values: readonly number[]): Series => ({ name: '', unit, values })
  return {
    title: `Whole services, synced to the disk, ${count} deliveries a slice`,
    columns: ['service', 'deliveries', 'CPU of the service', 'CPU of Redis', 'both'],
    rows: [...measured].map(([name, slices]) => [
      name,
      series(
        '/s',
        slices.map(({ perSecond }) => perSecond),
      ),
      series(
        'µs',
        slices.map(({ cpuUs }) => cpuUs),
      ),
      series(
        'µs',
        slices.map(({ otherCpuUs }) => otherCpuUs),
      ),
      series(
        'µs',
        slices.map(({ cpuUs, otherCpuUs }) => cpuUs + otherCpuUs),
      ),
    ]),
  }
}
