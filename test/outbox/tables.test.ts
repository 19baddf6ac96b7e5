/** The tables on lmdb: what is appended is found like all else, and its pages stay full. */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { DATA_FILE, openTables, type Tables } from '../../src/outbox/embedded/files/tables.ts'

async function open(): Promise<{ tables: Tables; folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'switchhook-tables-'))
  const tables = openTables(folder)
  onTestFinished(async () => {
    await tables.close()
    rmSync(folder, { recursive: true })
  })
  return { tables, folder }
}

function key(number: number): Buffer {
  const bytes = Buffer.alloc(13)
  bytes.writeUInt32BE(number)
  return bytes
}

test('rows that are appended in the order of their keys take little more than their own bytes', async () => {
  const { tables, folder } = await open()
  // Three of them and their keys fill a page of 4096 bytes.
  const value = Buffer.alloc(1300, 7)
  for (let first = 0; first < 3000; first += 100) {
    tables.commit(() => {
      for (let number = first; number < first + 100; number += 1) tables.events.append(key(number), value)
    })
  }
  expect(statSync(join(folder, DATA_FILE)).size).toBeLessThan(3000 * 1300 * 1.15)
})

test.each([
  ['before all others', 0],
  ['between two others', 5],
  ['that is there already, and is the last', 8],
  ['that is there already, and is not the last', 2],
])('what is appended under a key %s is found', async (_, number) => {
  const { tables } = await open()
  tables.commit(() => {
    for (const each of [2, 4, 6, 8]) tables.events.append(key(each), Buffer.from('before'))
    tables.events.append(key(number), Buffer.from('after'))
  })
  tables.refresh()
  expect(tables.events.get(key(number))?.toString()).toBe('after')
  const numbers = [...tables.events.range(key(0), key(100))].map((row) => row.key.readUInt32BE())
  expect(numbers).toEqual([...new Set([2, 4, 6, 8, number])].sort((a, b) => a - b))
})

test('how many rows there are is known without a look at them, in a transaction and after it', async () => {
  const { tables } = await open()
  expect(tables.seen.size()).toBe(0)
  tables.commit(() => {
    for (let number = 0; number < 300; number += 1) tables.seen.put(key(number), Buffer.alloc(19))
    expect(tables.seen.size()).toBe(300)
  })
  tables.commit(() => tables.seen.remove(key(7)))
  tables.refresh()
  expect(tables.seen.size()).toBe(299)
  expect(tables.seen.count()).toBe(299)
  expect(tables.calls.size()).toBe(0)
})
