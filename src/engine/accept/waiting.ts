/**
 * What waits to be delivered: what is in the outbox, and what is on its way there, of which the outbox knows only when its commit is
 * on disk. While a disk stalls that is all that was accepted meanwhile. For the moment in which a commit is told it may count
 * twice. Owned by the current plan, outlasts reloads; the backlog goes by it.
 */
import { TransientMap } from '../../model/transient-map.ts'
import type { Outbox, PendingWatcher } from '../../outbox/contract.ts'

/** See the head of this file. */
export class Waiting {
  readonly #outbox: Pick<Outbox, 'counts' | 'pendingOf' | 'watch'>
  /** Deliveries on their way, by webhook. */
  readonly #entering = new TransientMap<string, number>()
  #allEntering = 0
  #onChange: PendingWatcher = () => undefined

  constructor(outbox: Pick<Outbox, 'counts' | 'pendingOf' | 'watch'>) {
    this.#outbox = outbox
  }

  /** Deliveries in all. */
  get total(): number {
    return this.#outbox.counts().pending + this.#allEntering
  }

  /** Those of one webhook. */
  of(webhook: string): number {
    return this.#outbox.pendingOf(webhook) + (this.#entering.get(webhook) ?? 0)
  }

  /** `onChange` is told of every change of {@link of} from now on, in the same turn, by how much. */
  watch(onChange: PendingWatcher): void {
    this.#onChange = onChange
    this.#outbox.watch(onChange)
  }

  /** A delivery is on its way into the outbox from now on. */
  enter(webhook: string): void {
    this.#allEntering += 1
    this.#entering.set(webhook, (this.#entering.get(webhook) ?? 0) + 1)
    this.#onChange(webhook, 1)
  }

  /** One that was on its way is not any more: the outbox has it, or it was refused. */
  entered(webhook: string): void {
    const left = (this.#entering.get(webhook) ?? 0) - 1
    this.#allEntering -= 1
    if (left > 0) this.#entering.set(webhook, left)
    else this.#entering.delete(webhook)
    this.#onChange(webhook, -1)
  }
}
