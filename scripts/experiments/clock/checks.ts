/**
 * What a stepped clock may and may not do to deliveries, judged by the requests that customers saw. Pure.
 */
import type { Books, Request } from '../world/books.ts'
import { AWAY, HELD, RATE_PER_SECOND, RATED, RETRIED, RETRY_MS, WEBHOOKS } from '../world/webhooks.ts'
import { SEEN_WITHIN_MS, type Step } from './fake-time.ts'

/** Longest time from acceptance to the first attempt where nothing holds a delivery, on a busy machine. */
const LAG_LIMIT_MS = 15_000

/** Longest time until a server that is back is sent to again: a probe every half second. */
const RECOVERY_LIMIT_MS = 15_000

/** Longest time that a request may have been under way when its webhook was deactivated. */
const IN_FLIGHT_MS = 5000

/** How far a signed time may be from the wall clock: sending, receiving and a busy machine lie between. */
const TIMESTAMP_LIMIT_MS = 5000

/** What was seen, for the table, and what was wrong. */
export interface ClockFindings {
  /** Longest time from acceptance to the first attempt at the webhook `plain`. */
  readonly worstLagMs: number
  /** Requests of a limited webhook in the busiest two seconds. */
  readonly mostInTwoSeconds: number
  /** Retries that waited over a step back. */
  readonly waitedForSteps: number
  /** From each step until the server that had been away was sent to. */
  readonly recoveryMs: readonly number[]
  readonly broken: readonly string[]
}

/** A time in which callers sent. */
interface Span {
  readonly name: string
  readonly fromMs: number
  readonly untilMs: number
}

/** Webhooks that were sent nothing in the second half of a time in which callers sent: they stand still. */
export function findStill(books: Books, phases: readonly Span[]): readonly string[] {
  return phases.flatMap(({ name, fromMs, untilMs }) => {
    const sinceMs = (fromMs + untilMs) / 2
    return WEBHOOKS.filter(({ id }) => {
      if (id === AWAY || id === HELD) return false
      return ![...books.requestsTo(id)].some(({ atMs }) => atMs >= sinceMs && atMs <= untilMs)
    }).map(({ id }) => `${name}: the webhook ${id} stood still`)
  })
}

/** `startWallMs`: our wall time when `performance.now()` was 0; `held`: when the webhook of that name was deactivated. */
export function checkClock(
  books: Books,
  steps: readonly Step[],
  startWallMs: number,
  held: { readonly fromMs: number; readonly untilMs: number },
): ClockFindings {
  const broken: string[] = []
  const worstLagMs = longestLag(books, steps)
  if (worstLagMs > LAG_LIMIT_MS) broken.push(`a first attempt came ${worstLagMs.toFixed(0)} ms after acceptance`)
  broken.push(...wrongTimestamps(books, steps, startWallMs))
  const retries = judgeRetries(books, steps)
  broken.push(...retries.early)
  const mostInTwoSeconds = busiest([...books.requestsTo(RATED)], 2000)
  // A bucket may be full when the two seconds begin; a busy machine brings late ones together with the next.
  if (mostInTwoSeconds > 2 * RATE_PER_SECOND * 1.5 + 10)
    broken.push(`${mostInTwoSeconds} limited requests in two seconds`)
  for (const { atMs } of books.requestsTo(HELD)) {
    // What was in flight then may still arrive.
    if (atMs > held.fromMs + IN_FLIGHT_MS && atMs < held.untilMs) broken.push('a deactivated webhook was sent to')
  }
  const recoveryMs = steps.slice(1).map(({ atMs }) => firstTaken(books, atMs) - atMs)
  for (const [index, tookMs] of recoveryMs.entries()) {
    if (tookMs > RECOVERY_LIMIT_MS) broken.push(`after step ${index + 1} a server that was back was not sent to`)
  }
  return { worstLagMs, mostInTwoSeconds, waitedForSteps: retries.waited, recoveryMs, broken: broken.slice(0, 20) }
}

/** What was accepted under a later time than the clock shows now waits for that time: it is not counted. */
function longestLag(books: Books, steps: readonly Step[]): number {
  let longestMs = 0
  for (const { number, acceptedAtMs } of books.events) {
    const [first] = books.requests('plain', number)
    if (acceptedAtMs === undefined || first === undefined) continue
    const isOverStepBack = stepsBetween(steps, acceptedAtMs, first.atMs).some((stepMs) => stepMs < 0)
    if (!isOverStepBack) longestMs = Math.max(longestMs, first.atMs - acceptedAtMs)
  }
  return longestMs
}

function firstTaken(books: Books, sinceMs: number): number {
  const taken = [...books.requestsTo(AWAY)].filter(({ atMs, isTaken }) => isTaken && atMs >= sinceMs)
  return Math.min(...taken.map(({ atMs }) => atMs))
}

/** Every request is signed with a time that the wall clock showed then. */
function wrongTimestamps(books: Books, steps: readonly Step[], startWallMs: number): readonly string[] {
  const wrong: string[] = []
  for (const { id } of WEBHOOKS) {
    for (const { atMs, timestamp } of books.requestsTo(id)) {
      const offsets = steps.filter((step, index) => {
        const endMs = steps[index + 1]?.atMs ?? Number.POSITIVE_INFINITY
        return step.atMs <= atMs && endMs >= atMs - TIMESTAMP_LIMIT_MS
      })
      const isRight = offsets.some(
        ({ offsetMs }) => Math.abs(timestamp * 1000 - (startWallMs + atMs + offsetMs)) <= TIMESTAMP_LIMIT_MS,
      )
      if (!isRight) wrong.push(`${id}: a request was signed with ${new Date(timestamp * 1000).toISOString()}`)
    }
  }
  return wrong
}

function judgeRetries(
  books: Books,
  steps: readonly Step[],
): { readonly early: readonly string[]; readonly waited: number } {
  const early: string[] = []
  let waited = 0
  for (const { number } of books.events) {
    const requests = books.requests(RETRIED, number)
    for (const [index, request] of requests.entries()) {
      const before = requests[index - 1]
      if (before === undefined) continue
      const between = stepsBetween(steps, before.atMs, request.atMs)
      const gapMs = request.atMs - before.atMs
      // Whole milliseconds, read by two clocks.
      if (gapMs < RETRY_MS - 20 && !between.some((stepMs) => stepMs > 0)) {
        early.push(`event ${number} was sent again after ${gapMs.toFixed(0)} ms without a step forth`)
      }
      if (between.some((stepMs) => stepMs < 0)) waited += 1
    }
  }
  return { early, waited }
}

/** By how much the clock was stepped while something waited, each time; also where it was not yet seen at the begin. */
function stepsBetween(steps: readonly Step[], fromMs: number, untilMs: number): readonly number[] {
  return steps.flatMap(({ atMs, offsetMs }, index) => {
    const before = steps[index - 1]
    if (before === undefined || atMs < fromMs - SEEN_WITHIN_MS || atMs > untilMs) return []
    return [offsetMs - before.offsetMs]
  })
}

/** Most requests within so many milliseconds. */
function busiest(requests: readonly Request[], withinMs: number): number {
  const times = requests.map(({ atMs }) => atMs).sort((a, b) => a - b)
  let most = 0
  let first = 0
  for (const [last, atMs] of times.entries()) {
    while (atMs - (times[first] ?? atMs) >= withinMs) first += 1
    most = Math.max(most, last - first + 1)
  }
  return most
}
