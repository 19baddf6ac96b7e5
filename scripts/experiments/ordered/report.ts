/**
 * What the experiment `ordered` found, as a report. Pure.
 */
import type { Arrival } from '../traffic/arrival-log.ts'
import { countText, type Report } from '../traffic/claims.ts'
import type { StoreCounts } from '../traffic/event-client.ts'
import type { Life } from '../traffic/tested-engine.ts'
import { BRITTLE, CALL_DELIVERIES, CALL_EVENTS, EARLY_EVENTS, type OrderedWebhook, placeOf, WEBHOOKS } from './calls.ts'
import { type CallVerdict, judgeCall, type PlacedArrival, type ReplayEvidence } from './verdict.ts'

/** Everything that was seen. */
export interface OrderedEvidence {
  readonly calls: number
  readonly arrivals: readonly Arrival[]
  readonly lives: readonly Life[]
  /** Requests to the engine that were not answered, and sent again. */
  readonly unanswered: number
  /** Events whose delivery to the brittle webhook was dead when all dead ones were replayed. */
  readonly deadAtReplay: ReadonlySet<number>
  readonly replayedAtMs: number
  /** And those that were dead at the end. */
  readonly dead: ReadonlySet<number>
  readonly counts: StoreCounts
  readonly durationMs: number
  readonly problems: readonly string[]
}

/** See the head of this file. */
export function orderedReport(evidence: OrderedEvidence): Report {
  const { calls, arrivals, lives, counts, problems } = evidence
  const verdicts = WEBHOOKS.map((webhook) => judgeWebhook(webhook, evidence))
  const all = verdicts.flat()
  const deliveries = calls * CALL_DELIVERIES
  const outOfOrder = all.flatMap((verdict) => verdict.outOfOrder)
  const unexplained = all.flatMap((verdict) => verdict.unexplained)
  const inFlight = sum(all, (verdict) => verdict.inFlight)
  const replayedBehind = sum(all, (verdict) => verdict.replayedBehind)
  const lost = verdicts.flatMap((calls, index) =>
    calls.flatMap((verdict, call) => lostOf(WEBHOOKS[index], call, verdict, evidence)),
  )
  const refused = arrivals.filter(({ result }) => result !== 'taken').length
  const kills = lives.filter(({ killedAtMs }) => killedAtMs !== undefined).length
  const stored = counts.pending + counts.delivered + counts.dead
  return {
    rows: [
      [
        'deliveries',
        `${countText(deliveries)}: ${countText(calls)} calls of ${CALL_EVENTS} events to ${WEBHOOKS.length} ordered webhooks`,
      ],
      ['kills', `${kills}, ${evidence.unanswered} requests of senders cut off by them`],
      ['requests', `${countText(arrivals.length)}, ${countText(refused)} of them failed`],
      [
        'dead letters replayed',
        `${evidence.deadAtReplay.size}, ${replayedBehind} with later events of their call ahead of them`,
      ],
      ['out of order', String(outOfOrder.length)],
      ['lost', String(lost.length)],
      ['repeats', `${inFlight} in flight at a kill, ${unexplained.length} unexplained`],
      ['duration', `${(evidence.durationMs / 1000).toFixed(1)} s`],
    ],
    claims: [
      {
        kind: 'must',
        text: 'no request of a call comes out of order, replays come after',
        holds: outOfOrder.length === 0,
        cases: outOfOrder,
      },
      { kind: 'must', text: 'nothing is lost', holds: lost.length === 0, cases: lost },
      {
        kind: 'must',
        text: 'nothing comes twice but what was in flight at a kill',
        holds: unexplained.length === 0,
        cases: unexplained,
      },
      {
        kind: 'must',
        text: 'the store holds every delivery, and none is pending',
        holds: counts.pending === 0 && stored === deliveries,
        cases: [`${JSON.stringify(counts)}, accepted ${deliveries}`],
      },
      { kind: 'must', text: 'no error is logged', holds: problems.length === 0, cases: problems },
    ],
    figures: {
      deliveries,
      calls,
      kills,
      requests: arrivals.length,
      refused,
      replayed: evidence.deadAtReplay.size,
      replayedBehind,
      inFlight,
      unexplained: unexplained.length,
      outOfOrder: outOfOrder.length,
      lost: lost.length,
      counts,
      durationMs: evidence.durationMs,
    },
  }
}

/** The verdict on each call. */
function judgeWebhook({ number, title, attempts }: OrderedWebhook, evidence: OrderedEvidence): readonly CallVerdict[] {
  const byCall = Array.from({ length: evidence.calls }, (): PlacedArrival[] => [])
  for (const { webhook, event, ...arrival } of evidence.arrivals) {
    const { call, place } = placeOf(event)
    if (webhook === number) byCall[call]?.push({ ...arrival, place })
  }
  const killsAtMs = evidence.lives.map(({ killedAtMs }) => killedAtMs)
  return byCall.map((arrivals, call) =>
    judgeCall({
      name: `${title}, call ${call}`,
      arrivals,
      length: CALL_EVENTS,
      attempts,
      killsAtMs,
      replay: number === BRITTLE ? replayOf(call, arrivals, evidence) : undefined,
    }),
  )
}

function replayOf(
  call: number,
  arrivals: readonly PlacedArrival[],
  { deadAtReplay, replayedAtMs }: OrderedEvidence,
): ReplayEvidence {
  const places = [...deadAtReplay].map(placeOf).flatMap((dead) => (dead.call === call ? [dead.place] : []))
  const late = Array.from({ length: CALL_EVENTS - EARLY_EVENTS }, (_, index) => EARLY_EVENTS + index)
  const isTaken = (place: number): boolean =>
    arrivals.some((each) => each.place === place && each.result === 'taken' && each.endedAtMs < replayedAtMs)
  return { places: new Set(places), atMs: replayedAtMs, ahead: late.filter((place) => !isTaken(place)) }
}

/** Deliveries that no server took and that are no dead letters either. */
function lostOf(
  webhook: OrderedWebhook | undefined,
  call: number,
  { untaken }: CallVerdict,
  { dead }: OrderedEvidence,
): readonly string[] {
  if (webhook === undefined) return []
  return untaken
    .filter((place) => webhook.number !== BRITTLE || !dead.has(call * CALL_EVENTS + place))
    .map((place) => `${webhook.title}, call ${call}, event ${place}`)
}

function sum(verdicts: readonly CallVerdict[], count: (verdict: CallVerdict) => number): number {
  return verdicts.reduce((total, verdict) => total + count(verdict), 0)
}
