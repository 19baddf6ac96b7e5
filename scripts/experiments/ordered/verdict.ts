/**
 * Judges the order in which one webhook got the events of its calls, by what arrived at its server. Pure.
 *
 * In the order received, requests of a call may repeat its latest event, or go on to the next once the latest was taken -
 * or, where a delivery has few attempts, once all of them were refused. A request for an event that was taken is a repeat:
 * explained where its sender was killed before it can have kept the answer. Replayed dead letters stand in line behind
 * whatever of their call was pending when they were asked for, in their own order.
 */
import type { Arrival } from '../traffic/arrival-log.ts'

/** Longest time from a server's answer until the engine has it on disk, on a busy machine; as in the crash experiment. */
export const SETTLE_LIMIT_MS = 1000

/** The end of a request that nobody answered is noticed late where the next one of it is read first. */
export const CLOSE_LAG_MS = 1000

/** What one webhook got of one call, and what is known of it. */
export interface CallEvidence {
  /** For texts. */
  readonly name: string
  /** In the order received. */
  readonly arrivals: readonly PlacedArrival[]
  /** Events of the call. */
  readonly length: number
  /** After so many refusals a delivery is dead; undefined: after more than any gets. */
  readonly attempts: number | undefined
  /** When each of the engine's processes was killed; undefined: it was not. */
  readonly killsAtMs: readonly (number | undefined)[]
  readonly replay: ReplayEvidence | undefined
}

/** A request and the place of its event in the call, from 0. */
export interface PlacedArrival extends Omit<Arrival, 'webhook' | 'event'> {
  readonly place: number
}

/** Dead letters that were asked for again. */
export interface ReplayEvidence {
  readonly places: ReadonlySet<number>
  /** When the command was sent. */
  readonly atMs: number
  /** Places of events that were accepted before that and had not been taken. */
  readonly ahead: readonly number[]
}

/** What is wrong, a line a case, and what is not. */
export interface CallVerdict {
  readonly outOfOrder: readonly string[]
  /** Requests for an event that was taken right before a kill. */
  readonly inFlight: number
  readonly unexplained: readonly string[]
  /** Places that were never taken. */
  readonly untaken: readonly number[]
  /** Replayed dead letters that had events ahead of them. */
  readonly replayedBehind: number
}

/** See the head of this file. */
export function judgeCall(evidence: CallEvidence): CallVerdict {
  const { name, arrivals, length, attempts, replay } = evidence
  const isReplayed = ({ place, receivedAtMs }: PlacedArrival): boolean =>
    replay?.places.has(place) === true && receivedAtMs >= replay.atMs
  const first = arrivals.filter((arrival) => !isReplayed(arrival))
  const replayed = arrivals.filter(isReplayed)
  const places = Array.from({ length }, (_, place) => place)
  const repeats = [
    ...places.map((place) => first.filter((arrival) => arrival.place === place)),
    ...places.map((place) => replayed.filter((arrival) => arrival.place === place)),
  ].flatMap((requests) => repeatsOf(requests, evidence.killsAtMs))
  return {
    outOfOrder: [
      ...lineBreaks(first, places, attempts).map((text) => `${name}: ${text}`),
      ...replayBreaks(arrivals, replayed, replay).map((text) => `${name}: ${text}`),
    ],
    inFlight: repeats.filter(({ isExplained }) => isExplained).length,
    unexplained: repeats.filter(({ isExplained }) => !isExplained).map(({ text }) => `${name}: ${text}`),
    untaken: places.filter((place) => !arrivals.some((each) => each.place === place && each.result === 'taken')),
    replayedBehind: replay === undefined || replay.ahead.length === 0 ? 0 : replay.places.size,
  }
}

/** Steps of the line that were not allowed. */
function lineBreaks(
  arrivals: readonly PlacedArrival[],
  places: readonly number[],
  attempts: number | undefined,
): readonly string[] {
  const broken: string[] = []
  let latest = places[0] ?? 0
  const before: PlacedArrival[] = []
  for (const arrival of arrivals) {
    if (arrival.place < latest) broken.push(`event ${arrival.place} came after event ${latest}`)
    for (let place = latest; place < arrival.place; place += 1) {
      if (!hasEnded(before, place, attempts, arrival.receivedAtMs)) {
        broken.push(`event ${arrival.place} came before event ${place} was taken`)
      }
    }
    latest = Math.max(latest, arrival.place)
    before.push(arrival)
  }
  return broken
}

function hasEnded(
  before: readonly PlacedArrival[],
  place: number,
  attempts: number | undefined,
  atMs: number,
): boolean {
  const requests = before.filter((each) => each.place === place)
  if (requests.some((each) => each.result === 'taken' && each.endedAtMs <= atMs)) return true
  return attempts !== undefined && requests.filter((each) => isRefused(each, atMs)).length >= attempts
}

function isRefused({ result, endedAtMs }: PlacedArrival, atMs: number): boolean {
  return result === 'refused' && endedAtMs <= atMs + CLOSE_LAG_MS
}

/** Replayed dead letters that came too early. */
function replayBreaks(
  arrivals: readonly PlacedArrival[],
  replayed: readonly PlacedArrival[],
  replay: ReplayEvidence | undefined,
): readonly string[] {
  if (replay === undefined) return []
  const order = [...replay.places].toSorted((a, b) => a - b)
  return order.flatMap((place, index) => {
    const came = replayed.find((arrival) => arrival.place === place)
    if (came === undefined) return []
    const ahead = [...replay.ahead, ...order.slice(Math.max(0, index - 1), index)]
    return ahead
      .filter((each) => !isTakenBefore(arrivals, each, came.receivedAtMs))
      .map((each) => `replayed event ${place} came before event ${each} was taken`)
  })
}

function isTakenBefore(arrivals: readonly PlacedArrival[], place: number, atMs: number): boolean {
  return arrivals.some((each) => each.place === place && each.result === 'taken' && each.endedAtMs <= atMs)
}

/** Requests for an event that was taken, or is still open: was the process that sent it killed? */
function repeatsOf(
  requests: readonly PlacedArrival[],
  killsAtMs: readonly (number | undefined)[],
): readonly { readonly isExplained: boolean; readonly text: string }[] {
  return requests.slice(1).flatMap((request, index) => {
    const before = requests[index]
    if (before === undefined || isRefused(before, request.receivedAtMs)) return []
    const killedAtMs = before.life < request.life ? killsAtMs[before.life - 1] : undefined
    const isExplained =
      killedAtMs !== undefined && (before.result === 'open' || killedAtMs - before.endedAtMs <= SETTLE_LIMIT_MS)
    const since = (atMs: number): string => `${(atMs - before.receivedAtMs).toFixed(0)} ms`
    const kill = killedAtMs === undefined ? '' : `, killed after ${since(killedAtMs)}`
    const first = `event ${request.place} came from life ${before.life}, ${before.result} after ${since(before.endedAtMs)}`
    return [
      {
        isExplained,
        text: `${first}${kill}, came again from life ${request.life} after ${since(request.receivedAtMs)}`,
      },
    ]
  })
}
