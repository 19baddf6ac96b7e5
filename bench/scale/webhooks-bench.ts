/**
 * `webhooks`: whether a hundred thousand webhooks cost an event anything, what memory one takes, and how long a PUT and a
 * reload hold up the main thread. Events go to a hundred of them, spread over all, which are compiled in the warm-up.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { request } from 'undici'
import { type Bench, type BenchSettings, roundsOf } from '../bench.ts'
import { LIMIT } from '../deliveries/clients.ts'
import { controlDeliverer, ENGINE_FILE, EVENTS_A_REQUEST, startSource } from '../deliveries/deliverers.ts'
import { contender } from '../deliveries/deliveries-bench.ts'
import type { Deliverer } from '../deliveries/delivery-slice.ts'
import { configText, type EngineWish, eventTypeOf, writtenWebhook } from '../deliveries/engine-config.ts'
import type { EngineCommands } from '../deliveries/engine-program.ts'
import type { BenchResult } from '../measuring/result.ts'
import { inRounds, slicesOf } from '../measuring/rounds.ts'
import { pairedRatios } from '../measuring/spread.ts'
import { momentMs } from '../processes/moment.ts'
import { Program } from '../processes/program.ts'
import { type Receiver, startReceiver } from '../traffic/receiver.ts'

/** See `Bench`. */
export const webhooksBench: Bench = {
  name: 'webhooks',
  summary: '100 and 100,000 webhooks: an event, memory, a PUT, a reload',
  runsIn: ['shortest', 'check', 'full'],
  run,
}

/** Numbers of webhooks. */
const COUNTS = { shortest: [10, 300], check: [100, 100_000], full: [100, 100_000] } as const

/** Deliveries in a slice. */
const SLICE_COUNT = { shortest: 200, check: 10_000, full: 20_000 }

/** PUTs, the first few of which warm up. */
const PUTS = 25
const WARM_PUTS = 5

/** Webhooks that events go to. */
const TRIGGERED = 100

/** An engine with many webhooks. */
interface LargeEngine {
  readonly webhooks: number
  readonly wish: EngineWish
  readonly origin: string
  readonly program: Program<EngineCommands>
  readonly deliverer: Deliverer
}

async function run(settings: BenchSettings): Promise<BenchResult> {
  const { size, progress } = settings
  await using stack = new AsyncDisposableStack()
  const receiver = stack.use(await startReceiver())
  const [few, many] = COUNTS[size]
  const small = await startLarge(stack, receiver, few)
  const large = await startLarge(stack, receiver, many)
  const bytes = ((await large.program.memory()).bytes - (await small.program.memory()).bytes) / (many - few)
  const limit = await controlDeliverer(stack, receiver)
  const deliverers = [limit, small.deliverer, large.deliverer]
  const measured = await inRounds(
    deliverers.map((each) => contender(each, receiver, SLICE_COUNT[size])),
    roundsOf(settings),
  )
  const cpu = ({ name }: Deliverer): readonly number[] => slicesOf(measured, name).map(({ cpuUs }) => cpuUs)
  const puts = await putTimes(large, receiver)
  progress(`webhooks: reload of ${many}`)
  const blocks = await reloadBlocks(large, settings)
  const values = (of: readonly number[], unit: string) => ({ name: '', unit, values: of })
  return {
    tables: [
      {
        title: `Many webhooks, in memory, ${SLICE_COUNT[size]} deliveries a slice`,
        columns: ['what', `${few} webhooks`, `${many.toLocaleString('en')} webhooks`],
        rows: [
          ['CPU a delivery', values(cpu(small.deliverer), 'µs'), values(cpu(large.deliverer), 'µs')],
          ['memory a webhook', '', values([bytes], 'bytes')],
          ['one PUT', '', values(puts, 'ms')],
          ['longest block of the loop by a reload', '', values(blocks, 'ms')],
        ],
      },
    ],
    ratios: [
      { gate: 'webhooks-event', values: pairedRatios(cpu(large.deliverer), cpu(small.deliverer)) },
      { gate: 'webhooks-bytes', values: [bytes] },
      { gate: 'webhooks-put', values: puts },
      { gate: 'webhooks-reload', values: blocks },
    ],
    controls: [values(cpu(limit), 'µs')].map((series) => ({ ...series, name: `${LIMIT}, processor time` })),
    latencies: [],
  }
}

async function startLarge(stack: AsyncDisposableStack, receiver: Receiver, webhooks: number): Promise<LargeEngine> {
  const program = stack.use(Program.start<EngineCommands>(ENGINE_FILE, ['--expose-gc']))
  const wish: EngineWish = { store: 'memory', folder: '', origins: [receiver.origin()], webhooks }
  const origin = await program.ask('start', wish)
  const source = await startSource(stack, origin)
  const triggered = Math.min(TRIGGERED, webhooks)
  const types = Array.from({ length: triggered }, (_, index) => eventTypeOf(index * Math.floor(webhooks / triggered)))
  const deliverer: Deliverer = {
    name: `${webhooks} webhooks`,
    program,
    prepare: (calls) => source.ask('prepare', { ...calls, perRequest: EVENTS_A_REQUEST, types }),
    deliver: () => source.ask('pour', { inFlight: 4 }),
    settle: () => program.ask('settled', undefined),
  }
  return { webhooks, wish, origin, program, deliverer }
}

/** Milliseconds of each PUT of a webhook, one after the other. */
async function putTimes({ origin }: LargeEngine, receiver: Receiver): Promise<readonly number[]> {
  const times: number[] = []
  for (let put = 0; put < PUTS; put += 1) {
    const { id, ...webhook } = writtenWebhook(`put-${put}`, `put.${put}`, `${receiver.origin()}/put`)
    const body = JSON.stringify(webhook)
    const headers = { 'content-type': 'application/json' }
    const startedAtMs = momentMs()
    const answer = await request(`${origin}/v1/webhooks/${id}`, { method: 'PUT', headers, body })
    const text = await answer.body.text()
    if (answer.statusCode !== 201) throw new Error(`a PUT was answered with ${answer.statusCode}: ${text}`)
    if (put >= WARM_PUTS) times.push(momentMs() - startedAtMs)
  }
  return times
}

/** Longest delay of the main thread's loop while all webhooks change: in the full size as users reload, from a file. */
async function reloadBlocks(
  { program, wish }: LargeEngine,
  { size, folder }: BenchSettings,
): Promise<readonly number[]> {
  const file = join(folder, 'switchhook.yaml')
  const blocks: number[] = []
  for (let reload = 0; reload < 3; reload += 1) {
    // Another path in every URL: none is the same as before.
    const next = { ...wish, path: `/reloaded-${reload}` }
    if (size === 'full') await writeFile(file, configText(next))
    else await program.ask('prepareReload', next)
    await program.ask('watchLoop', undefined)
    await program.ask('reload', size === 'full' ? { file } : {})
    blocks.push((await program.ask('loopDelay', undefined)).mostMs)
  }
  return blocks
}
