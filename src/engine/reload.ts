/**
 * What follows from a new plan for what is already under way: webhooks that changed may have another limit, endpoint or
 * state to wait for, and those that are gone are waited for by nobody. Called by the engine when it swaps its plan.
 */
import type { Plan } from './plan.ts'
import type { Steps } from './slices.ts'

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
  for (const id of previous.webhooks.keys()) {
    yield
    if (!next.webhooks.has(id)) removed.push(id)
  }
  return { changed, removed }
}

/** Lets each of them try anew, whatever it waited for. */
export function* reconsiderAll(
  { changed, removed }: PlanChanges,
  reconsider: (webhook: string) => void,
): Steps<undefined> {
  for (const id of [...changed, ...removed]) {
    yield
    reconsider(id)
  }
  return undefined
}
