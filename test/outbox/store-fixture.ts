/**
 * What the stores in `test/fixtures/store-format-*` were filled with, and how they are unpacked. The same calls on a new store
 * lead to the same deliveries, so that a test can hold a fixture that was brought up against a store made today.
 * To keep a format: `npm exec node -- test/outbox/store-fixture.ts FOLDER` with the last program that writes it.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { AcceptedEvent, AttemptRecord, NewDelivery } from '../../src/model/delivery.ts'
import type { Outbox } from '../../src/outbox/contract.ts'
import { DATA_FILE } from '../../src/outbox/embedded/files/tables.ts'
import { openEmbeddedOutbox } from '../../src/outbox/embedded/open.ts'

/** When the first event of a fixture was accepted: 2026-01-01T00:00:00Z. */
export const FIXTURE_MS = 1_767_225_600_000

/** The marker beside the data file, as format 1 wrote it. */
const MARKER = 'This folder is a Switchhook store. The data lie in switchhook.mdb.\n'

const HOUR_MS = 3_600_000

/** An event of the fixture, by its number: its key tells the time, as those of the engine do. */
function fixtureEvent(
  number: number,
  webhooks: readonly string[],
  changes: Partial<AcceptedEvent> & { readonly ordered?: boolean; readonly dueMs?: number } = {},
): AcceptedEvent {
  const { ordered = false, dueMs, ...rest } = changes
  const acceptedAtMs = rest.acceptedAtMs ?? FIXTURE_MS + number * HOUR_MS
  const key = acceptedAtMs.toString(16).padStart(12, '0') + number.toString(16).padStart(14, '0')
  return {
    key,
    id: `event-${number}`,
    source: '/switch/7',
    type: 'call.end',
    subject: `call-${number % 4}`,
    account: number % 3 === 0 ? 'acme' : 'default',
    hasOwnId: true,
    acceptedAtMs,
    traceparent: `00-${number.toString(16).padStart(32, '0')}-0000000000000001-01`,
    payload: JSON.stringify({ caller_id: `555123456${number % 10}`, called_number: '+1 (800) 555-0100', number }),
    context: number % 2 === 0 ? '{"netget_status":"continue"}' : '',
    deliveries: webhooks.map((webhook): NewDelivery => ({ webhook, dueMs: dueMs ?? acceptedAtMs, ordered })),
    ...rest,
  }
}

function attempt(number: number, status: number): AttemptRecord {
  const isSuccess = status === 200
  return {
    attempt: number,
    startedAtMs: FIXTURE_MS,
    durationMs: 12.5,
    result: isSuccess ? 'success' : 'failure',
    status,
    reason: isSuccess ? '' : 'status',
    detail: isSuccess ? '' : `the server answered ${status}`,
    excerpt: isSuccess ? 'thank you' : 'sorry, 5551234560',
    phases: { waitingMs: 0.25, firstByteMs: 11 },
  }
}

/** All events of the fixture, in the order accepted: several accounts, ordered calls, none, one that is long, one without id. */
const FIXTURE_EVENTS: readonly AcceptedEvent[] = [
  ...Array.from({ length: 12 }, (_, index) => fixtureEvent(index, ['crm', 'log'])),
  ...Array.from({ length: 6 }, (_, index) =>
    fixtureEvent(12 + index, ['ordered'], { ordered: true, account: 'default', subject: 'call-in-order' }),
  ),
  fixtureEvent(18, ['crm'], { subject: '', hasOwnId: false, id: 'made-up' }),
  fixtureEvent(19, ['log'], { payload: JSON.stringify({ transcription: 'all is well. '.repeat(800) }) }),
  fixtureEvent(20, []),
  fixtureEvent(21, ['later'], { dueMs: FIXTURE_MS + 1000 * HOUR_MS, account: 'acme' }),
  fixtureEvent(22, ['crm', 'crm', 'log'], { subject: 'call-é', account: 'ünï' }),
]

/** The notes of the fixture. */
export const FIXTURE_NOTES: readonly (readonly [table: string, key: string, text: string])[] = [
  ['circuits', 'default\nhttps://crm.example', '{"circuit":{"kind":"open"}}'],
  ['activations', 'log', '{"isActive":false}'],
  ['contexts', 'default\ncall-1', JSON.stringify({ points: { caller_id: '5551234561' }, usedAtMs: FIXTURE_MS })],
]

/** Fills a new store: deliveries pending, retried, ordered, delivered and dead, and one that was purged. */
export async function fillFixture(outbox: Outbox): Promise<void> {
  for (const event of FIXTURE_EVENTS) await outbox.accept([event])
  for (const [table, key, text] of FIXTURE_NOTES) outbox.notes.put(table, key, text)
  await outbox.notes.flush()
  const nowMs = FIXTURE_MS + 23 * HOUR_MS
  const claimed = outbox.claim(nowMs, () => true, 1000).toSorted((a, b) => (a.id < b.id ? -1 : 1))
  for (const [index, { id, webhook }] of claimed.entries()) {
    const atMs = nowMs + index
    // The first of the ordered call ends first, is forgotten below, and only its duplicates are told from then on.
    if (webhook === 'ordered') await outbox.settle([{ id, atMs: nowMs - 1, to: 'delivered', record: attempt(1, 200) }])
    else if (index % 4 === 0) await outbox.settle([{ id, atMs, to: 'delivered', record: attempt(1, 200) }])
    else if (index % 4 === 1) await outbox.settle([{ id, atMs, to: 'dead', reason: 'status', record: attempt(1, 500) }])
    else if (index % 4 === 2) {
      const record = attempt(1, 503)
      await outbox.settle([{ id, atMs, to: 'again', dueMs: atMs + HOUR_MS, uses: 'attempt', record }])
    }
  }
  await outbox.control({ kind: 'purge', state: 'delivered', endedBeforeMs: nowMs, limit: 10, atMs: nowMs })
}

/** Unpacks the fixture of a format to a folder, as a store that can be opened. */
export function unpackFixture(format: number, folder: string): void {
  const packed = join(import.meta.dirname, '..', 'fixtures', `store-format-${format}`, `${DATA_FILE}.gz`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, DATA_FILE), gunzipSync(readFileSync(packed)))
  writeFileSync(join(folder, 'switchhook-store'), MARKER)
}

/** Makes a store with today's program and packs it. */
async function packFixture(folder: string): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'switchhook-fixture-'))
  const outbox = await openEmbeddedOutbox({ path: join(work, 'store') })
  await fillFixture(outbox)
  await outbox.backup(join(work, 'copy'))
  await outbox.close()
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${DATA_FILE}.gz`), gzipSync(readFileSync(join(work, 'copy', DATA_FILE)), { level: 9 }))
  rmSync(work, { recursive: true })
}

const [, script, folder] = process.argv
if (script === import.meta.filename && folder !== undefined) await packFixture(folder)
