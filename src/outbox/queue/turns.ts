/**
 * Whose turn it is: one account after the other, and within an account one of its members after the other, so that an
 * account with a thousand members has no more turns than one with a single member. Invariant: whoever joins or comes back
 * stands last, so that nobody gains a turn by leaving. Used by `due-queue.ts` for webhooks that have something due.
 */

import { type Linked, LinkedList } from '../../model/linked-list.ts'
import { TransientMap } from '../../model/transient-map.ts'

interface Ring<T extends Linked<T>> extends Linked<Ring<T>> {
  readonly account: string
  /** Never empty while the ring is in line. */
  readonly members: LinkedList<T>
}

/** See the head of this file. Every call but the walk takes the same time, whatever the number of members. */
export class Turns<T extends Linked<T>> {
  readonly #byAccount = new TransientMap<string, Ring<T>>()
  readonly #rings = new LinkedList<Ring<T>>()

  /** Gives `member`, which must not be in line, the last turn of its account; an account that is new stands last too. */
  add(account: string, member: T): void {
    const known = this.#byAccount.get(account)
    if (known !== undefined) {
      known.members.push(member)
      return
    }
    const ring: Ring<T> = { account, members: new LinkedList(), previous: undefined, next: undefined }
    ring.members.push(member)
    this.#byAccount.set(account, ring)
    this.#rings.push(ring)
  }

  /** Takes out whoever has the next turn. */
  next(): T | undefined {
    const ring = this.#rings.first
    const member = ring?.members.first
    if (ring === undefined || member === undefined) return undefined
    this.#rings.remove(ring)
    ring.members.remove(member)
    if (ring.members.size > 0) this.#rings.push(ring)
    else this.#byAccount.delete(ring.account)
    return member
  }

  /** All in line, in no particular order. */
  *[Symbol.iterator](): Iterator<T> {
    for (const { members } of this.#rings) yield* members
  }
}
