/**
 * Many endpoints, a tenth of which hang. Two engines get the same saturating load in turn, slice by slice: those endpoints of
 * the one hang, those of the other answer. What is compared is what arrives at the other nine tenths. In the first slice
 * the circuits are still closed, so that requests hang until their time is over.
 */
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { configurationOf, type NumberedWebhook } from '../traffic/configuration.ts'
import type { StoreCounts } from '../traffic/event-client.ts'
import { openReceivers, type Receivers } from '../traffic/receivers.ts'
import { TestedEngine } from '../traffic/tested-engine.ts'
import { type EndpointSet, Saturation, type SliceFigures } from './saturation.ts'

/** What it is run with. */
export interface EndpointOptions {
  readonly folder: string
  readonly endpoints: number
  readonly pairs: number
  readonly sliceMs: number
}

/** One engine's slices and what became of all events. */
export interface EndpointSide {
  readonly slices: readonly SliceFigures[]
  readonly sent: number
  readonly lost: readonly string[]
  readonly repeated: readonly string[]
  readonly counts: StoreCounts
  readonly problems: readonly string[]
}

/** Everything that was measured. */
export interface EndpointFigures {
  readonly endpoints: number
  readonly hanging: number
  readonly tested: EndpointSide
  readonly control: EndpointSide
  /** Circuits that were open after each slice of the tested engine. */
  readonly openCircuits: readonly number[]
  readonly drainMs: number
}

/** One of so many endpoints hangs. */
const HANGING_EVERY = 10

/** Load before anything is measured, so that both engines know all their webhooks. */
const WARM_UP_MS = 2000

/** Most requests that may arrive: more than two cores deliver in the longest run. */
const REQUESTS_A_SECOND = 30_000

/** Where the numbers of the other engine's events begin. */
const FIRST_OF_CONTROL = 100_000_000

/** See the head of this file. */
export async function measureEndpoints(options: EndpointOptions): Promise<EndpointFigures> {
  const { folder, endpoints, pairs, sliceMs } = options
  const capacity = ((2 * (pairs * sliceMs + WARM_UP_MS)) / 1000) * REQUESTS_A_SECOND
  await using receivers = await openReceivers(2 * endpoints, capacity)
  const tested = makeSide(receivers, join(folder, 'tested'), 0, endpoints, 0)
  const control = makeSide(receivers, join(folder, 'control'), endpoints, endpoints, FIRST_OF_CONTROL)
  await using _tested = tested.engine
  await using _control = control.engine
  for (const { engine, load } of [tested, control]) {
    await engine.start()
    await load.run(WARM_UP_MS)
  }
  for (const webhook of tested.set.hanging) receivers.setManner(webhook, 'hang')
  const openCircuits: number[] = []
  for (let pair = 0; pair < pairs; pair += 1) {
    for (const side of pair % 2 === 0 ? [control, tested] : [tested, control]) {
      side.slices.push(await side.load.run(sliceMs))
    }
    openCircuits.push(await (await tested.engine.client).openCircuits())
  }
  for (const webhook of tested.set.hanging) receivers.setManner(webhook, 'take')
  const drainedFrom = performance.now()
  await tested.load.drained(60_000)
  const drainMs = performance.now() - drainedFrom
  // The log has them as soon as they are answered, the store a moment later.
  await pause(1000)
  return {
    endpoints,
    hanging: tested.set.hanging.size,
    tested: await conclude(tested),
    control: await conclude(control),
    openCircuits,
    drainMs,
  }
}

interface Side {
  readonly engine: TestedEngine
  readonly set: EndpointSet
  readonly load: Saturation
  readonly slices: SliceFigures[]
}

function makeSide(receivers: Receivers, folder: string, first: number, endpoints: number, firstEvent: number): Side {
  const all = Array.from({ length: endpoints }, (_, index) => first + index)
  const set = { all, hanging: new Set(all.filter((_, index) => index % HANGING_EVERY === 0)) }
  // What timed out before the circuit opened shall not be put off by hours when the endpoint is back.
  const settings = { retry: { schedule: ['0s', ...Array.from({ length: 20 }, () => '1s')] } }
  const webhooks = all.map((number): NumberedWebhook => ({ number, settings }))
  const engine = new TestedEngine(folder, configurationOf(folder, webhooks, receivers, 10_000_000))
  return { engine, set, load: new Saturation(engine, receivers, set, firstEvent), slices: [] }
}

async function conclude({ engine, load, slices }: Side): Promise<EndpointSide> {
  const counts = await engine.drained(30_000)
  await engine.stop()
  return { slices, sent: load.sent, ...load.result(), counts, problems: engine.problems }
}
