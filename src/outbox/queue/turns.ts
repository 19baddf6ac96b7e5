/**
 * Whose turn it is: one account after the other, and within an account one of its members after the other, so that an
 * account with a thousand members has no more turns than one with a single member. Invariant: whoever joins or comes back
 * stands last, so that nobody gains a turn by leaving. Used by `due-queue.ts` for webhooks that have something due.
 */

import { TransientMap } from '../../model/transient-map.ts'

interface Ring<T> {
  readonly account: string
  /** Never empty while the ring is in line. */
  readonly members: Line<T>
}

/** See the head of this file. Every call but the walk takes the same time, whatever the number of members. */
export class Turns<T> {
  readonly #byAccount = new TransientMap<string, Ring<T>>()
  readonly #rings = new Line<Ring<T>>()

  /** Gives `member`, which must not be in line, the last turn of its account; an account that is new stands last too. */
  add(account: string, member: T): void {
    const known = this.#byAccount.get(account)
    if (known !== undefined) {
      known.members.push(member)
      return
    }
    const ring = { account, members: new Line<T>() }
    ring.members.push(member)
    this.#byAccount.set(account, ring)
    this.#rings.push(ring)
  }

  /** Takes out whoever has the next turn. */
  next(): T | undefined {
    const ring = this.#rings.shift()
    if (ring === undefined) return undefined
    const member = ring.members.shift()
    if (!ring.members.isEmpty) this.#rings.push(ring)
    else this.#byAccount.delete(ring.account)
    return member
  }

  /** All in line, in no particular order. */
  *[Symbol.iterator](): Iterator<T> {
    for (const { members } of this.#rings) yield* members
  }
}

interface Link<T> {
  readonly item: T
  next: Link<T> | undefined
}

/** First in, first out. An array would move all that it holds each time the first is taken. */
class Line<T> {
  #first: Link<T> | undefined
  #last: Link<T> | undefined

  get isEmpty(): boolean {
    return this.#first === undefined
  }

  push(item: T): void {
    const link: Link<T> = { item, next: undefined }
    if (this.#last === undefined) this.#first = link
    else this.#last.next = link
    this.#last = link
  }

  shift(): T | undefined {
    const first = this.#first
    if (first === undefined) return undefined
    this.#first = first.next
    // One that is old, and not collected for a while, would keep all that came after it.
    first.next = undefined
    if (this.#first === undefined) this.#last = undefined
    return first.item
  }

  *[Symbol.iterator](): Iterator<T> {
    for (let link = this.#first; link !== undefined; link = link.next) yield link.item
  }
}
