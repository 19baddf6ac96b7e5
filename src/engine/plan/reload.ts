/**
 * What follows from a new plan for what is already under way: webhooks that changed may have another limit, endpoint or
 * state to wait for, and those that are gone are waited for by nobody. Called by the engine when it swaps its plan.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../../clock.ts'
import type { Webhook } from '../../model/webhook.ts'
import type { Admission } from '../send/admission.ts'
import type { SendingThreads } from '../send/threads.ts'
import { runInSlices, type Steps } from '../slices.ts'
import type { Upkeep } from '../upkeep/upkeep.ts'
import type { Plan } from './plan.ts'

/** Webhooks that differ between two plans, by id. */
export interface PlanChanges {
  /** New, or not as they were. */
  readonly changed: readonly string[]
  readonly removed: readonly string[]
}

/** Finds what differs; a plan keeps what has not changed as the very same object. */
export function* changesBetween(previous: Plan, next: Plan): Steps<PlanChanges> {
  const changed: string[] = []
  const removed: string[] = []
  for (const [id, planned] of next.webhooks) {
    yield
    if (previous.webhooks.get(id) !== planned) changed.push(id)
  }
  for (const id of idsOf(previous)) {
    yield
    if (!next.webhooks.has(id) && !next.suspended.has(id)) removed.push(id)
  }
  return { changed, removed }
}

function* idsOf({ webhooks, suspended }: Plan): Iterable<string> {
  yield* webhooks.keys()
  yield* suspended.keys()
}

/** What is under way and has to follow. */
export interface Followed {
  readonly threads: Pick<SendingThreads, 'forget'>
  readonly admission: Pick<Admission, 'reconsider' | 'keepOnly'>
  readonly upkeep: Pick<Upkeep, 'endRemoved'>
  readonly clock: Clock
  /** Those of the current plan. */
  readonly webhooks: () => Iterable<Webhook>
  /** Something may be due. */
  readonly poke: () => void
}

/**
 * Lets everything follow a plan that is in force already, in steps; `circuits-too`: circuits of endpoints that no webhook uses any
 * more are closed, for which all webhooks have to be looked at.
 */
export async function followChanges(
  { threads, admission, upkeep, clock, webhooks, poke }: Followed,
  changes: PlanChanges,
  how: 'webhooks-alone' | 'circuits-too',
): Promise<void> {
  const { removed } = changes
  threads.forget(removed)
  await runInSlices(
    reconsiderAll(changes, (id) => admission.reconsider(id)),
    pause,
  )
  poke()
  if (removed.length > 0) upkeep.endRemoved(removed)
  if (how === 'webhooks-alone') return
  await runInSlices(admission.keepOnly(webhooks(), clock.nowMs()), pause)
  poke()
}

function pause(): Promise<void> {
  return nextTurn()
}

/** Lets each of them try anew, whatever it waited for. */
function* reconsiderAll({ changed, removed }: PlanChanges, reconsider: (webhook: string) => void): Steps<undefined> {
  for (const id of [...changed, ...removed]) {
    yield
    reconsider(id)
  }
  return undefined
}
