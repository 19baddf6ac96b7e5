/**
 * `ordered`: calls whose events go to ordered webhooks, through servers that fail in every way and an engine that is killed
 * again and again; at last the dead letters are replayed while later events of the same calls wait.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { SeededRandom } from '../../crash/seeded-random.ts'
import { progress } from '../experiment.ts'
import { monotonicMs } from '../traffic/arrival-log.ts'
import type { Report } from '../traffic/claims.ts'
import { type RunContext, runTraffic, type TrafficExperiment } from '../traffic/command.ts'
import { configurationOf, webhookId } from '../traffic/configuration.ts'
import { openReceivers, type Receivers } from '../traffic/receivers.ts'
import { TestedEngine } from '../traffic/tested-engine.ts'
import { BRITTLE, CALL_DELIVERIES, EARLY_EVENTS, EVENT_TYPE, eventAt, LATE_EVENTS, WEBHOOKS } from './calls.ts'
import { orderedReport } from './report.ts'

/** One line for the list of experiments. */
export const summary = 'ordered webhooks under failures and restarts'

const ORDERED: TrafficExperiment = {
  name: 'ordered',
  summary,
  options: [
    { name: 'deliveries', summary: 'deliveries, about', usual: 100_000, least: 100, most: 5_000_000 },
    { name: 'kills', summary: 'how often the engine is killed', usual: 15, least: 0, most: 1000 },
    { name: 'seed', summary: 'failures and kills are drawn from it', usual: 1, least: 0, most: 4_294_967_295 },
  ],
  measure,
}

/** Calls whose events one sender sends at a time, and events of a request: some hold two of a call. */
const CALLS_AT_A_TIME = 12
const BATCH_EVENTS = 20
const SENDERS = 4

/** Time that an engine lives until it is killed, after it listens. */
const LIFE_MS = [200, 2500] as const

/** How long a server with outages is there and away, in turn; long enough there for its backlog to return at full rate. */
const UP_MS = 12_000
const DOWN_MS = 700

/** Longest time in which everything pending must come to its end. */
const DRAIN_LIMIT_MS = 900_000

/** See `Experiment.run`. */
export async function run(args: readonly string[]): Promise<number> {
  return await runTraffic(ORDERED, args)
}

async function measure({ folder, numberOf }: RunContext): Promise<Report> {
  const calls = Math.ceil(numberOf('deliveries') / CALL_DELIVERIES)
  const random = new SeededRandom(numberOf('seed'), 'kills')
  const startedAtMs = monotonicMs()
  await using receivers = await openReceivers(WEBHOOKS.length, 20 * calls * CALL_DELIVERIES + 100_000, numberOf('seed'))
  for (const { number } of WEBHOOKS) receivers.setManner(number, 'flaky')
  const webhooks = WEBHOOKS.map(({ number, settings }) => ({ number, on: [EVENT_TYPE], settings }))
  await using engine = new TestedEngine(folder, configurationOf(folder, webhooks, receivers, 10_000_000))
  await engine.start()

  const stopping = new AbortController()
  const outages = haveOutages(receivers, stopping.signal)
  const early = Array.from({ length: EARLY_EVENTS }, (_, place) => place)
  // The sending is spread over all lives, so that senders are cut off as well.
  const [unanswered] = await Promise.all([
    sendAll(engine, calls, early, (numberOf('kills') * LIFE_MS[1]) / 2),
    killOften(engine, numberOf('kills'), random),
  ])
  progress(`${calls * EARLY_EVENTS} events were sent, the engine was killed ${numberOf('kills')} times`)
  await engine.drained(DRAIN_LIMIT_MS)
  stopping.abort()
  await outages

  const letters = await (await engine.client).dead(webhookId(BRITTLE))
  progress(`all have ended; ${letters.length} dead letters are sent again`)
  for (const { number } of WEBHOOKS) receivers.setManner(number, 'slow')
  const late = Array.from({ length: LATE_EVENTS }, (_, index) => EARLY_EVENTS + index)
  await sendAll(engine, calls, late, 0)
  const replayedAtMs = monotonicMs()
  const client = await engine.client
  // The earlier half one by one, each to stand in line behind the one before; the rest by one command.
  for (const { id } of letters.slice(0, letters.length / 2)) await client.retry(id)
  await client.replayDead(webhookId(BRITTLE))
  if (numberOf('kills') > 0) {
    await pause(random.between(0, 100))
    await engine.kill()
    await engine.start()
  }
  const counts = await engine.drained(DRAIN_LIMIT_MS)
  const dead = await (await engine.client).dead(webhookId(BRITTLE))
  await engine.stop()
  return orderedReport({
    calls,
    arrivals: [...receivers.arrivals()],
    lives: engine.lives,
    unanswered,
    deadAtReplay: new Set(letters.map(({ event }) => event)),
    replayedAtMs,
    dead: new Set(dead.map(({ event }) => event)),
    counts,
    durationMs: monotonicMs() - startedAtMs,
    problems: engine.problems,
  })
}

/**
 * Sends the events at `places` of all calls, each call's in order, within about `durationMs`; gives how many requests were
 * not answered.
 */
async function sendAll(
  engine: TestedEngine,
  calls: number,
  places: readonly number[],
  durationMs: number,
): Promise<number> {
  const pauseMs = (durationMs * SENDERS * BATCH_EVENTS) / (calls * places.length)
  let next = 0
  let unanswered = 0
  const send = async (): Promise<void> => {
    while (next < calls) {
      const first = next
      next = Math.min(calls, first + CALLS_AT_A_TIME)
      const group = Array.from({ length: next - first }, (_, index) => first + index)
      const events = places.flatMap((place) => group.map((call) => eventAt(call, place)))
      for (let from = 0; from < events.length; from += BATCH_EVENTS) {
        unanswered += await engine.confirm(events.slice(from, from + BATCH_EVENTS))
        await pause(pauseMs)
      }
    }
  }
  await Promise.all(Array.from({ length: SENDERS }, send))
  return unanswered
}

async function killOften(engine: TestedEngine, kills: number, random: SeededRandom): Promise<void> {
  for (let kill = 0; kill < kills; kill += 1) {
    await pause(random.between(...LIFE_MS))
    await engine.kill()
    await engine.start()
  }
}

async function haveOutages(receivers: Receivers, stopping: AbortSignal): Promise<void> {
  const wait = (durationMs: number): Promise<unknown> =>
    pause(durationMs, undefined, { signal: stopping }).catch(() => undefined)
  const setManner = (manner: 'flaky' | 'reset'): void => {
    for (const { number, hasOutages } of WEBHOOKS) if (hasOutages) receivers.setManner(number, manner)
  }
  while (!stopping.aborted) {
    setManner('reset')
    await wait(DOWN_MS)
    setManner('flaky')
    await wait(UP_MS)
  }
}
