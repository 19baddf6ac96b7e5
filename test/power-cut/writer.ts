/**
 * The process whose disk is cut from its power: accepts, claims and settles at random, and says on its standard output what
 * was promised, each time a promise has resolved. `node writer.ts FOLDER ROUNDS`
 */
import { writeSync } from 'node:fs'
import { deliveryId } from '../../src/model/delivery.ts'
import type { Settlement } from '../../src/outbox/contract.ts'
import { openEmbeddedOutbox } from '../../src/outbox/embedded/open.ts'
import { attemptOf, eventOf, type Promised } from './promised.ts'

const [folder = '', rounds = '0'] = process.argv.slice(2)

/** One write, so that it has one place in the order of the system calls. */
function tell(promised: Promised): void {
  writeSync(1, `${JSON.stringify(promised)}\n`)
}

const outbox = await openEmbeddedOutbox({ path: folder, reserveBytes: 0 })
let made = 0

async function accept(count: number): Promise<void> {
  const events = Array.from({ length: count }, () => eventOf(++made))
  await outbox.accept(events)
  tell({ kind: 'accepted', events: events.map(({ key }) => key) })
}

async function settle(round: number): Promise<void> {
  const claimed = outbox.claim(Date.now(), () => true, 20)
  const settlements = claimed.map(({ id }, index): Settlement => {
    const common = { id, atMs: Date.now(), record: attemptOf(index) }
    switch ((index + round) % 4) {
      case 0:
        return { ...common, to: 'dead', reason: 'status' }
      case 1:
        return { ...common, to: 'again', dueMs: Date.now() + 60_000, uses: 'attempt' }
      default:
        return { ...common, to: 'delivered' }
    }
  })
  await outbox.settle(settlements)
  tell({ kind: 'settled', deliveries: settlements.map(({ id, to }) => [id, to === 'again' ? 'pending' : to]) })
}

for (let round = 0; round < Number(rounds); round += 1) {
  await Promise.all([accept(1 + (round % 7)), accept(1), settle(round)])
  if (round % 10 === 9) {
    const id = deliveryId(eventOf(1 + (round % made)).key, 0)
    const touched = await outbox.control({ kind: 'retry', id, atMs: Date.now() })
    tell({ kind: 'retried', delivery: id, touched })
  }
}
await outbox.close()
