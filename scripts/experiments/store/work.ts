/**
 * Work on an embedded outbox as the engine does it: 64 senders that wait for their events to be durable, deliveries claimed
 * in batches and settled with a record of their attempt, and a look whether everything accepted can be read.
 */
import { type DeliveryRecord, deliveryId } from '../../../src/model/delivery.ts'
import type { ClaimedDelivery } from '../../../src/outbox/contract.ts'
import type { EmbeddedOutbox } from '../../../src/outbox/embedded/outbox.ts'
import { type EventMaker, goodAttempt } from './events.ts'

/** Who sends at the same time. */
export const SENDERS = 64

/** Deliveries claimed together, as the scheduler does. */
const BATCH = 64

/** Batches whose settlements are on the way at once. */
const BATCHES_ON_THE_WAY = 16

/** Runs `work` on 0 to `count` - 1, by {@link SENDERS} that take the next one each as soon as theirs is done. */
export async function bySenders(count: number, work: (index: number) => Promise<void>): Promise<number> {
  const startedAtMs = performance.now()
  let next = 0
  const send = async (): Promise<void> => {
    while (next < count) {
      next += 1
      await work(next - 1)
    }
  }
  await Promise.all(Array.from({ length: SENDERS }, send))
  return (performance.now() - startedAtMs) / 1000
}

/** Claims and settles as delivered until nothing is pending; gives how many and the seconds that it took. */
export async function deliverAll(outbox: EmbeddedOutbox, nowMs: number): Promise<{ count: number; seconds: number }> {
  const startedAtMs = performance.now()
  let count = 0
  const claimable = new Claimable(outbox)
  const work = async (): Promise<void> => {
    for (;;) {
      const claimed = outbox.claim(nowMs, () => true, BATCH)
      if (claimed.length === 0) {
        if (outbox.counts().pending === 0 || outbox.nextDueMs() === undefined) return
        await claimable.next()
        continue
      }
      count += claimed.length
      await settleAll(outbox, claimed, nowMs)
    }
  }
  await Promise.all(Array.from({ length: BATCHES_ON_THE_WAY }, work))
  return { count, seconds: (performance.now() - startedAtMs) / 1000 }
}

/** Fills a store with delivered ones, many at a time; gives how many events. */
export async function fillDelivered(
  outbox: EmbeddedOutbox,
  maker: EventMaker,
  numbers: { readonly first: number; readonly count: number; readonly deliveries: number },
  nowMs: number,
): Promise<void> {
  const { first, count, deliveries } = numbers
  const together = 1000
  for (let done = 0; done < count; done += together) {
    const size = Math.min(together, count - done)
    await outbox.accept(Array.from({ length: size }, (_, index) => maker.make(first + done + index, deliveries, nowMs)))
    await deliverAll(outbox, nowMs)
  }
}

/** Ids of `accepted` that can't be read, or are not as they were sent. */
export async function unreadable(outbox: EmbeddedOutbox, accepted: ReadonlyMap<string, number>): Promise<string[]> {
  const missing: string[] = []
  for (const [key, deliveries] of accepted) {
    const reads: Promise<DeliveryRecord | undefined>[] = []
    for (let index = 0; index < deliveries; index += 1) reads.push(outbox.get(deliveryId(key, index)))
    const records = await Promise.all(reads)
    if (records.some((record) => record?.state !== 'pending')) missing.push(key)
  }
  return missing
}

async function settleAll(outbox: EmbeddedOutbox, claimed: readonly ClaimedDelivery[], atMs: number): Promise<void> {
  const record = goodAttempt(atMs)
  await outbox.settle(claimed.map(({ id }) => ({ id, atMs, to: 'delivered', record })))
}

/** Resolves when the outbox says that it has read more. */
class Claimable {
  #waiting = Promise.withResolvers<void>()

  constructor(outbox: EmbeddedOutbox) {
    outbox.listen(() => {
      this.#waiting.resolve()
      this.#waiting = Promise.withResolvers()
    })
  }

  async next(): Promise<void> {
    // Settlements of others may free what can be claimed, without a word.
    const timer = setTimeout(this.#waiting.resolve, 20)
    await this.#waiting.promise
    clearTimeout(timer)
  }
}
