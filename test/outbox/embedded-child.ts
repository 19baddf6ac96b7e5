/**
 * A process of its own that works on an embedded store until it is killed; for tests of what it leaves behind. Arguments:
 * folder, events in flight, how many events at most. Writes a line for each event that was acknowledged: its id.
 * Where the store's format is older it also tells how far it is brought up.
 */
import { randomBytes } from 'node:crypto'
import { IdSource } from '../../src/model/ids.ts'
import { openEmbeddedOutbox } from '../../src/outbox/embedded/open.ts'
import type { EmbeddedOutbox } from '../../src/outbox/embedded/outbox.ts'

const [folder = '', inFlight = '16', most = '1000000'] = process.argv.slice(2)
const ids = new IdSource(() => randomBytes(5).toString('hex'))
const onMigration = ({ done }: { readonly done: number }): boolean => process.stdout.write(`migrating ${done}\n`)
const outbox = await openEmbeddedOutbox({ path: folder, reserveBytes: 0, onMigration })
let left = Number(most)
process.stdout.write('open\n')
await Promise.all(Array.from({ length: Number(inFlight) }, () => work(outbox)))
await outbox.close()

async function work(store: EmbeddedOutbox): Promise<void> {
  while (left > 0) {
    left -= 1
    const nowMs = Date.now()
    const key = ids.next(nowMs)
    await store.accept([
      {
        key,
        id: key,
        source: '/child',
        type: 'call.end',
        subject: `call-${left % 7}`,
        account: 'default',
        hasOwnId: true,
        acceptedAtMs: nowMs,
        traceparent: '',
        payload: JSON.stringify({ text: 'x'.repeat(300) }),
        context: '',
        deliveries: [{ webhook: `w${left % 5}`, dueMs: nowMs, ordered: left % 2 === 0 }],
      },
    ])
    process.stdout.write(`accepted ${key}\n`)
    const settlements = store
      .claim(nowMs, () => true, 4)
      .map(({ id }, index) =>
        index === 0
          ? ({ id, atMs: nowMs, to: 'again', dueMs: nowMs + 50, uses: 'attempt' } as const)
          : ({ id, atMs: nowMs, to: 'delivered' } as const),
      )
    await store.settle(settlements)
    for (const { id, to } of settlements) if (to === 'delivered') process.stdout.write(`delivered ${id}\n`)
  }
}
