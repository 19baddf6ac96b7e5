/**
 * Erasure in the folder of a store that nothing uses: opens it as an engine would, and closes it again. Called by
 * `switchhook erase --path`.
 */
import { resolve } from 'node:path'
import type { EraseSums } from '../client/client.ts'
import { systemClock } from '../clock.ts'
import { CallContexts } from '../engine/calls/call-context.ts'
import { type EraseRequest, eraseCaller } from '../engine/upkeep/erase.ts'
import { Remembered } from '../engine/upkeep/remembered.ts'
import { SwitchhookError } from '../errors.ts'
import { isStore } from '../outbox/embedded/files/data-file.ts'
import { openEmbeddedOutbox } from '../outbox/embedded/open.ts'
import type { ErasureSubject } from '../outbox/erasure.ts'

/** What is erased. */
export interface EraseOrder {
  readonly of: ErasureSubject
  readonly account?: string
  readonly isDryRun: boolean
}

/** Erases; throws `not-found` where there is no store, `unavailable` where it is in use or can't be written. */
export async function eraseInFolder({ of, account, isDryRun }: EraseOrder, path: string): Promise<EraseSums> {
  const folder = resolve(path)
  if (!isStore(folder)) throw new SwitchhookError('not-found', `there is no store in ${folder}`)
  // Nothing is taken in here: the disk may be as full as it is. And nothing is sent: nothing need wait in memory.
  const outbox = await openEmbeddedOutbox({ path: folder, reserveBytes: 0, inMemory: 1, inMemoryPerWebhook: 1 })
  try {
    const remembered = new Remembered(outbox.notes)
    const contexts = new CallContexts({
      kept: remembered.contexts(),
      keep: (key, context) => remembered.keepContext(key, context),
    })
    const request: EraseRequest = { of, isDryRun, ...(account === undefined ? {} : { accounts: [account] }) }
    const sums = { events: 0, deliveries: 0, pending: 0 }
    let cursor: string | undefined
    do {
      const parts = { outbox, contexts, clock: systemClock }
      const answer = await eraseCaller(parts, cursor === undefined ? request : { ...request, cursor })
      sums.events += answer.events
      sums.deliveries += answer.deliveries
      sums.pending += answer.pending
      cursor = answer.next
    } while (cursor !== undefined)
    return sums
  } finally {
    await outbox.close()
  }
}
