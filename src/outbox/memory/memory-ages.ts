/**
 * Since when what is pending in the outbox in memory waits, to the second: deliveries that became pending one after the other and
 * were accepted in the same second are counted as one. Used by `memory-pending.ts`.
 */
import { type Linked, LinkedList } from '../../model/linked-list.ts'

/** Deliveries that are told by one time. */
export interface Age extends Linked<Age> {
  readonly acceptedAtMs: number
  pending: number
}

/** See the head of this file. Every call takes the same time, however many are pending. */
export class MemoryAges {
  /** None without any that is pending. */
  readonly #ages = new LinkedList<Age>()

  /** When the one that has been pending for longest was accepted, or another of the same second. */
  get oldestAcceptedAtMs(): number | undefined {
    return this.#ages.first?.acceptedAtMs
  }

  /** One became pending that was accepted then; what is returned is given to {@link leave} when it ends. */
  join(acceptedAtMs: number): Age {
    const age = this.#ageOf(acceptedAtMs)
    age.pending += 1
    return age
  }

  leave(age: Age): void {
    age.pending -= 1
    if (age.pending === 0) this.#ages.remove(age)
  }

  #ageOf(acceptedAtMs: number): Age {
    const { last } = this.#ages
    if (last !== undefined && secondOf(last.acceptedAtMs) === secondOf(acceptedAtMs)) return last
    const age = { acceptedAtMs, pending: 0, previous: undefined, next: undefined }
    this.#ages.push(age)
    return age
  }
}

function secondOf(timeMs: number): number {
  return Math.floor(timeMs / 1000)
}
