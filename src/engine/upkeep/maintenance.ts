/**
 * What has to be done to the outbox as time passes: end what was held for too long and what no webhook waits for any more,
 * forget what has been kept for long enough. In small steps with pauses, so that nothing else waits; durations come from the configuration.
 */
import type { Outbox } from '../../outbox/contract.ts'
import { holdLimitMs, SHORTEST_HOLD_LIMIT_MS } from '../../policy/backoff.ts'
import type { FoundWebhook } from '../plan/plan.ts'

/** How long and how much is kept. */
export interface Retention {
  /** After delivery, in milliseconds; default 24 h. */
  readonly deliveredMs: number
  /** After death, in milliseconds; default 30 days (contract, "Delivery"). */
  readonly deadMs: number
  /** Beyond so many bytes the oldest delivered ones go before their time. */
  readonly bytes: number
}

/** What maintenance works with. */
export interface MaintenanceParts {
  readonly outbox: Outbox
  readonly retention: Retention
  /** The schedule of a webhook; undefined: it no longer exists. */
  readonly scheduleOf: (webhook: string) => readonly number[] | undefined
  /** Lets everything else have its turn. */
  readonly pause: () => Promise<void>
  /** True: what is left can wait for the next start. */
  readonly isStopping: () => boolean
  /** Who counts dead letters; absent: nobody. */
  readonly deadLetters?: DeadLetterCount
}

/** Counts the dead letters that maintenance makes, by webhook. */
export interface DeadLetterCount {
  /** Deliveries of a webhook in flight, which are counted when they are settled. */
  readonly inFlightOf: (webhook: string) => number
  readonly add: (webhook: string, count: number) => void
}

/** Deliveries touched in one step: about a millisecond of the main thread. */
const STEP = 200

/** How many deliveries maintenance touched. */
export interface Maintained {
  /** Held for too long. */
  readonly expired: number
  /** Of webhooks that no longer exist. */
  readonly removed: number
  /** Forgotten. */
  readonly purged: number
  /** What kept parts of it from being done. */
  readonly failures: readonly unknown[]
}

/** How long the deliveries of a suspended webhook are kept: its schedule is not known, and mistakes wait for a Monday. */
const SUSPENDED_SCHEDULE_MS: readonly number[] = [7 * 24 * 3_600_000]

/** The schedule of a webhook as it was looked up; undefined: it no longer exists. */
export function scheduleOf(found: FoundWebhook | 'suspended' | undefined): readonly number[] | undefined {
  return found === 'suspended' ? SUSPENDED_SCHEDULE_MS : found?.planned.webhook.scheduleMs
}

/** Does what is due at `nowMs`, and tries all of it whatever fails: a full store needs the purge. Never rejects. */
export async function maintain(parts: MaintenanceParts, nowMs: number): Promise<Maintained> {
  const failures: unknown[] = []
  const tried = (work: Promise<number>): Promise<number> =>
    work.catch((error: unknown) => {
      failures.push(error)
      return 0
    })
  const removed = await tried(endRemoved(parts, nowMs))
  const expired = await tried(expire(parts, nowMs))
  const purged = await tried(purge(parts, nowMs))
  return { removed, expired, purged, failures }
}

/**
 * Ends the deliveries of webhooks that no longer exist (contract, section 6, "Context and retries"); resolves to how many.
 * Looks at `webhooks` alone, by default at all that have something pending.
 */
export async function endRemoved(
  parts: Omit<MaintenanceParts, 'retention'>,
  nowMs: number,
  webhooks: readonly string[] = Array.from(parts.outbox.pendingByWebhook(), ([webhook]) => webhook),
): Promise<number> {
  const { outbox, scheduleOf, isStopping, deadLetters } = parts
  let removed = 0
  for (const webhook of webhooks) {
    if (scheduleOf(webhook) !== undefined || outbox.pendingOf(webhook) === 0) continue
    let inFlight: number | undefined
    removed += await inSteps(parts, async () => {
      // It may have come back in the pause.
      if (scheduleOf(webhook) !== undefined) return 0
      inFlight ??= deadLetters?.inFlightOf(webhook) ?? 0
      const touched = await outbox.control({ kind: 'remove-webhook', webhook, limit: STEP, atMs: nowMs })
      // Those in flight are touched as well, once.
      const notEnded = Math.min(inFlight, touched)
      inFlight -= notEnded
      deadLetters?.add(webhook, touched - notEnded)
      return touched
    })
    if (isStopping()) break
  }
  return removed
}

async function expire(parts: MaintenanceParts, nowMs: number): Promise<number> {
  const { outbox, scheduleOf, deadLetters } = parts
  let expired = 0
  // A command holds up its webhook and needs a transaction: most of the time there is none to give.
  for (const webhook of await outbox.overdue(nowMs - SHORTEST_HOLD_LIMIT_MS)) {
    const schedule = scheduleOf(webhook)
    if (schedule === undefined) continue
    const dueBeforeMs = nowMs - holdLimitMs(schedule)
    expired += await inSteps(parts, async () => {
      const touched = await outbox.control({ kind: 'expire', webhook, dueBeforeMs, limit: STEP, atMs: nowMs })
      deadLetters?.add(webhook, touched)
      return touched
    })
  }
  return expired
}

async function purge(parts: MaintenanceParts, nowMs: number): Promise<number> {
  const { outbox, retention } = parts
  const { deliveredMs, deadMs, bytes } = retention
  const purgeBefore = (state: 'delivered' | 'dead', endedBeforeMs: number): Promise<number> =>
    outbox.control({ kind: 'purge', state, endedBeforeMs, limit: STEP, atMs: nowMs })
  const byAge =
    (await inSteps(parts, () => purgeBefore('delivered', nowMs - deliveredMs))) +
    (await inSteps(parts, () => purgeBefore('dead', nowMs - deadMs)))
  const bySize = await inSteps(parts, async () =>
    outbox.counts().bytes > bytes ? await purgeBefore('delivered', Number.POSITIVE_INFINITY) : 0,
  )
  return byAge + bySize
}

/** Every step has a turn of the loop to itself: even one that finds nothing may have looked for long. */
async function inSteps(
  { pause, isStopping }: Pick<MaintenanceParts, 'pause' | 'isStopping'>,
  step: () => Promise<number>,
): Promise<number> {
  let touched = 0
  for (;;) {
    await pause()
    if (isStopping()) return touched
    const more = await step()
    touched += more
    if (more < STEP) return touched
  }
}
