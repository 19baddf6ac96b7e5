/**
 * Whatever is accepted, removed, taken back and left by a process that was killed: every event is found at any time, and in the
 * end each has its rows and nothing else has any. Generations are small here, so that few events make many of them.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openTables, type Row, type Tables } from '../../src/outbox/embedded/files/tables.ts'
import { ByteWriter } from '../../src/outbox/embedded/records/bytes.ts'
import { callKeyOf } from '../../src/outbox/embedded/records/call-index.ts'
import { encodeAccept } from '../../src/outbox/embedded/records/changes.ts'
import { decodeEvent, seenKeyOf } from '../../src/outbox/embedded/records/event-record.ts'
import { readSeen } from '../../src/outbox/embedded/records/seen-record.ts'
import { BatchApplier } from '../../src/outbox/embedded/thread/batch-applier.ts'
import { EventKeeper } from '../../src/outbox/embedded/thread/event-keeper.ts'
import { type GenerationSize, openIndex } from '../../src/outbox/embedded/thread/late-index.ts'
import { StateMachine } from '../../src/outbox/embedded/thread/state-machine.ts'
import { Tallies } from '../../src/outbox/embedded/thread/tallies.ts'
import { event, T0 } from '../contract/outbox-world.ts'

const SEED = { high: 1, low: 2 }
/** By the events that are kept: of five, of more and more, or of the four whose records of some 75 bytes are enough. */
type SizeOf = (eventsKept: number) => GenerationSize
const GENERATIONS: readonly SizeOf[] = [
  () => ({ events: 5, bytes: 1_000_000 }),
  (eventsKept) => ({ events: 2 + eventsKept, bytes: 1_000_000 }),
  () => ({ events: 1000, bytes: 250 }),
]
const DAY_MS = 86_400_000

interface Transaction {
  /** Numbers of the ids and calls of accepted events; call 0 is none. */
  readonly accepted: readonly { readonly id: number; readonly call: number; readonly hasOwnId: boolean }[]
  /** Which of the events are let go, by their places: none where something is accepted. */
  readonly removed: readonly number[]
  readonly isRemembered: boolean
  readonly fails: boolean
  readonly laterMs: number
}

const TRANSACTION: fc.Arbitrary<Transaction | 'kill' | 'write-all'> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      accepted: fc.array(fc.record({ id: fc.nat(5), call: fc.nat(2), hasOwnId: fc.boolean() }), { maxLength: 6 }),
      removed: fc.array(fc.nat(20), { maxLength: 3 }),
      isRemembered: fc.boolean(),
      fails: fc.nat(4).map((number) => number === 0),
      laterMs: fc.constantFrom(1, 1, 1, DAY_MS, -3_600_000),
    }),
  },
  { weight: 1, arbitrary: fc.constant('kill' as const) },
  { weight: 1, arbitrary: fc.constant('write-all' as const) },
)

function openStore(
  path: string,
  sizeOf: SizeOf,
): {
  readonly tables: Tables
  readonly parts: ReturnType<typeof partsOf>
} {
  const tables = openTables(path)
  return { tables, parts: partsOf(tables, sizeOf) }
}

function partsOf(tables: Tables, sizeOf: SizeOf) {
  const tallies = new Tallies(tables.state)
  const index = openIndex(tables, SEED, sizeOf)
  const machine = new StateMachine(tables, tallies, SEED, index)
  return {
    tallies,
    index,
    applier: new BatchApplier(tables, tallies, machine, index),
    keeper: new EventKeeper(tables, tallies, SEED, index),
  }
}

function rowsOf(tables: Tables, name: 'events' | 'seen' | 'calls'): Row[] {
  return [...tables[name].range(Buffer.alloc(1), Buffer.alloc(40, 0xff))]
}

/** Keys of `seen` and `calls` of an event. */
function keysOf({ key, value }: Row): { readonly seenKey: Buffer; readonly callKey: string[] } {
  const stored = decodeEvent(value)
  const { subject } = stored
  return {
    seenKey: seenKeyOf(SEED, stored, key),
    callKey: subject === '' ? [] : [callKeyOf(SEED, subject, key).toString('hex')],
  }
}

async function run(
  path: string,
  transactions: readonly (Transaction | 'kill' | 'write-all')[],
  sizeOf: SizeOf,
): Promise<void> {
  let { tables, parts } = openStore(path, sizeOf)
  let nowMs = T0
  const commit = (change: () => void, fails: boolean): void => {
    try {
      tables.commit(() => {
        change()
        parts.tallies.save()
        if (fails) throw new RangeError('taken back')
      })
      parts.index.kept()
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      parts.tallies.load()
      parts.index.takeBack()
    }
    tables.refresh()
  }
  const writeRest = (): void => {
    while (!parts.index.isEmpty) commit(() => parts.index.writeRest(), false)
  }
  try {
    for (const transaction of transactions) {
      if (transaction === 'kill') {
        // Nothing but the tables outlives this.
        await tables.close()
        ;({ tables, parts } = openStore(path, sizeOf))
      } else if (transaction === 'write-all') {
        writeRest()
      } else {
        const { accepted, removed, isRemembered, fails, laterMs } = transaction
        nowMs += laterMs
        const writer = new ByteWriter()
        for (const { id, call, hasOwnId } of accepted) {
          const changes = { subject: call === 0 ? '' : `call-${call}`, hasOwnId, acceptedAtMs: nowMs }
          const made = event(`e${id}`, ['crm:1'], changes)
          const key = nowMs.toString(16).padStart(12, '0') + made.key.slice(12)
          encodeAccept(writer, { ...made, key }, [1], SEED)
        }
        const rows = accepted.length > 0 ? [] : rowsOf(tables, 'events')
        const batch = writer.copy()
        commit(() => {
          for (const { key, value } of rows.filter((_, index) => removed.includes(index))) {
            parts.keeper.letGo(key, value, isRemembered ? nowMs - DAY_MS : Number.MAX_SAFE_INTEGER)
          }
          if (batch.length > 0) parts.applier.apply(batch, true)
        }, fails)
      }
      for (const row of rowsOf(tables, 'events')) {
        const { seenKey } = keysOf(row)
        expect(parts.index.seenOf(seenKey).map(({ eventKey }) => eventKey)).toContainEqual(row.key)
      }
    }
    writeRest()
    const events = rowsOf(tables, 'events')
    const seen = rowsOf(tables, 'seen').flatMap(({ key, value }) =>
      readSeen(value).map(({ eventKey }) => key.toString('hex') + eventKey.toString('hex')),
    )
    const calls = rowsOf(tables, 'calls').map(({ key }) => key.toString('hex'))
    expect(seen.sort()).toEqual(
      events.map((row) => keysOf(row).seenKey.toString('hex') + row.key.toString('hex')).sort(),
    )
    expect(calls.sort()).toEqual(events.flatMap((row) => keysOf(row).callKey).sort())
  } finally {
    await tables.close()
  }
}

test('events have the rows that they are found by, and nothing else has', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(TRANSACTION, { maxLength: 40, size: 'max' }),
      fc.constantFrom(...GENERATIONS),
      async (transactions, sizeOf) => {
        const path = mkdtempSync(join(tmpdir(), 'switchhook-rows-'))
        try {
          await run(path, transactions, sizeOf)
        } finally {
          rmSync(path, { recursive: true, force: true })
        }
      },
    ),
    { numRuns: 60 },
  )
}, 60_000)
