/**
 * Judges a whole run by what was seen from outside. Pure.
 *
 * - Lost: a delivery of an accepted event that no customer's server took, and that is no dead letter either.
 * - Duplicate: a request for a delivery right after one that was taken. Explained where that one was in flight at a kill -
 *   its sender was killed before it can have kept the answer - or where the delivery was asked for again, by a retry command
 *   or by a replay of a time in which its event was accepted, each of which explains one.
 * - Out of order: in the ordered webhook, a request of a later event before an earlier one of its call was taken.
 */
import {
  type Arrival,
  deliveryKey,
  type InactiveSpan,
  type Life,
  type Reload,
  type ReplayCommand,
  type RetryCommand,
  type SentEvent,
} from './ledger.ts'
import { owedOf } from './owed.ts'
import { slownessOf } from './slowness.ts'
import {
  findForgottenReplays,
  findOutdated,
  findSentWhileInactive,
  replaysOf,
  takeReplay,
} from './verdict-of-commands.ts'
import { ORDERED_WEBHOOK } from './webhooks.ts'

/**
 * Longest time from a customer's answer until the engine has it on disk: the way back, and two synced commits (the one under way, and
 * its own); on a slow machine as much longer. A taken delivery whose sender was killed later than that must not come again.
 */
export const SETTLE_LIMIT_MS = 1000

/** What is judged: the ledger's entries, and what the engine shows at the end. */
export interface Evidence {
  readonly lives: readonly Life[]
  readonly events: ReadonlyMap<string, SentEvent>
  readonly arrivals: ReadonlyMap<string, readonly Arrival[]>
  readonly commands: ReadonlyMap<string, RetryCommand>
  readonly replays: readonly ReplayCommand[]
  readonly inactive: readonly InactiveSpan[]
  readonly reloads: readonly Reload[]
  /** Dead letters at the end, by `deliveryKey`. */
  readonly dead: ReadonlySet<string>
}

/** What came out of it; texts are one line for each case. */
export interface Judgement {
  readonly accepted: number
  /** Deliveries that accepted events owe, and those of which nobody outside can tell. */
  readonly deliveries: number
  readonly perhaps: number
  readonly taken: number
  readonly dead: number
  readonly lost: readonly string[]
  readonly duplicates: {
    readonly inFlight: number
    readonly askedFor: number
    readonly replayed: number
    readonly unexplained: readonly string[]
  }
  /** Of deliveries that came twice: from the customer's answer to the kill; 0 where the kill came first. */
  readonly unsettledMs: readonly number[]
  readonly outOfOrder: readonly string[]
  /** Confirmed commands for ended deliveries after which no request came, and replays after which too few did. */
  readonly forgottenCommands: readonly string[]
  /** Requests of a webhook that was deactivated, or made with a configuration that was replaced long before. */
  readonly disobedient: readonly string[]
  /** Answers of the engine that can't be right. */
  readonly wrongAnswers: readonly string[]
}

/** See the head of this file. */
export function judge(evidence: Evidence): Judgement {
  const accepted = [...evidence.events.values()].filter(({ acceptedAtMs }) => acceptedAtMs !== undefined)
  const owes = accepted.map((event) => ({ event, ...owedOf(event, evidence.inactive) }))
  const owed = owes.flatMap(({ event, sure }) => sure.map((webhook) => deliveryKey(webhook, event.id)))
  const isTaken = (key: string): boolean =>
    evidence.arrivals.get(key)?.some(({ result }) => result === 'taken') ?? false
  const taken = owed.filter(isTaken)
  const lost = owed.filter((key) => !isTaken(key) && !evidence.dead.has(key))
  return {
    accepted: accepted.length,
    deliveries: owed.length,
    perhaps: owes.reduce((sum, { perhaps }) => sum + perhaps.length, 0),
    taken: taken.length,
    dead: evidence.dead.size,
    lost: lost.map((key) => `${key}: ${historyOf(evidence, key)}`),
    ...findDuplicates(evidence),
    outOfOrder: findOutOfOrder(evidence, accepted),
    forgottenCommands: [...findForgottenCommands(evidence), ...findForgottenReplays(evidence)],
    disobedient: [...findSentWhileInactive(evidence), ...findOutdated(evidence)],
    wrongAnswers: owes.flatMap(({ problem }) => problem ?? []),
  }
}

function findDuplicates(evidence: Evidence): Pick<Judgement, 'duplicates' | 'unsettledMs'> {
  const unexplained: string[] = []
  const unsettledMs: number[] = []
  let askedFor = 0
  let replayed = 0
  for (const [key, arrivals] of evidence.arrivals) {
    let command = evidence.commands.get(key)
    const replays = new Set(replaysOf(evidence, key))
    for (const [index, arrival] of arrivals.entries()) {
      const before = arrivals[index - 1]
      if (before === undefined) continue
      const isSameDelivery = before.webhookId === arrival.webhookId
      const gapMs = unsettledAtKillMs(evidence.lives, before)
      const isFollowUp = before.result === 'refused' || (before.result === 'open' && gapMs === undefined)
      if (isFollowUp && isSameDelivery) continue
      if (isSameDelivery && gapMs !== undefined && before.life < arrival.life) {
        unsettledMs.push(gapMs)
      } else if (isSameDelivery && command !== undefined && command.sentAtMs <= arrival.receivedAtMs) {
        askedFor += 1
        command = undefined
      } else if (isSameDelivery && takeReplay(replays, before, arrival)) {
        replayed += 1
      } else {
        unexplained.push(`${key}: ${historyOf(evidence, key)}`)
        break
      }
    }
  }
  return { duplicates: { inFlight: unsettledMs.length, askedFor, replayed, unexplained }, unsettledMs }
}

/** How long before its sender was killed a request was answered, where that may have been too late to be kept. */
function unsettledAtKillMs(lives: readonly Life[], { life, result, endedAtMs }: Arrival): number | undefined {
  const killedAtMs = lives[life - 1]?.killedAtMs
  if (killedAtMs === undefined || result === 'refused') return undefined
  const gapMs = Math.max(0, killedAtMs - (endedAtMs ?? killedAtMs))
  return gapMs <= SETTLE_LIMIT_MS * slownessOf(lives) ? gapMs : undefined
}

function findOutOfOrder(evidence: Evidence, accepted: readonly SentEvent[]): readonly string[] {
  const calls = Map.groupBy(accepted, ({ call }) => call)
  const broken: string[] = []
  for (const [call, events] of calls) {
    let earlier: SentEvent | undefined
    for (const event of events.toSorted((a, b) => a.place - b.place)) {
      if (earlier !== undefined && overtakes(evidence, event, earlier)) {
        broken.push(`${call}: ${event.id} arrived before ${earlier.id} was taken`)
      }
      earlier = event
    }
  }
  return broken
}

function overtakes({ arrivals, dead }: Evidence, later: SentEvent, earlier: SentEvent): boolean {
  const earlierKey = deliveryKey(ORDERED_WEBHOOK, earlier.id)
  const first = arrivals.get(deliveryKey(ORDERED_WEBHOOK, later.id))?.[0]
  if (first === undefined || dead.has(earlierKey)) return false
  const taken = arrivals.get(earlierKey)?.find(({ result }) => result === 'taken')
  return taken?.endedAtMs === undefined || first.receivedAtMs < taken.endedAtMs
}

/** A pending delivery may have been in flight already; one that had ended must be sent anew. */
function findForgottenCommands({ commands, arrivals }: Evidence): readonly string[] {
  return [...commands]
    .filter(([key, { state, result, sentAtMs }]) => {
      if (result !== 'confirmed' || state === 'pending') return false
      return !arrivals.get(key)?.some(({ receivedAtMs }) => receivedAtMs >= sentAtMs)
    })
    .map(([key, { state }]) => `${key}: was ${state}, is confirmed to be sent again, and never came`)
}

/** All that is known of a delivery, in the order in which it happened. */
function historyOf({ lives, events, arrivals, commands, replays }: Evidence, key: string): string {
  const facts: [atMs: number, text: string][] = []
  const event = events.get(key.split(' ')[1] ?? '')
  if (event?.acceptedAtMs !== undefined) {
    const unanswered = event.unanswered > 0 ? ` after ${event.unanswered} without an answer` : ''
    facts.push([event.acceptedAtMs, `accepted${unanswered}`])
  }
  for (const { life, receivedAtMs, result, endedAtMs, webhookId } of arrivals.get(key) ?? []) {
    facts.push([receivedAtMs, `received from life ${life} (${webhookId})`])
    if (endedAtMs !== undefined) facts.push([endedAtMs, result])
  }
  const command = commands.get(key)
  if (command !== undefined) facts.push([command.sentAtMs, `retry asked for while ${command.state}: ${command.result}`])
  for (const { state, sentAtMs, result } of replaysOf({ events, replays }, key)) {
    facts.push([sentAtMs, `replay of what is ${state}: ${result}`])
  }
  const first = Math.min(...facts.map(([atMs]) => atMs))
  const last = Math.max(...facts.map(([atMs]) => atMs))
  for (const { number, killedAtMs } of lives) {
    if (killedAtMs !== undefined && killedAtMs >= first && killedAtMs <= last + SETTLE_LIMIT_MS * slownessOf(lives)) {
      facts.push([killedAtMs, `life ${number} killed`])
    }
  }
  return facts
    .toSorted(([a], [b]) => a - b)
    .map(([atMs, text]) => `${(atMs / 1000).toFixed(3)} s ${text}`)
    .join(', ')
}
