/**
 * Table `notes`: small states of the engine by table and key, as text.
 * Read once when the store is opened; written inside the store's transactions.
 */
import { createHash } from 'node:crypto'
import type { Table } from '../files/tables.ts'
import { ByteReader, ByteWriter } from '../records/bytes.ts'

/** Every note of a store. */
export function readNotes(notes: Table): (readonly [table: string, key: string, text: string])[] {
  const all: (readonly [string, string, string])[] = []
  for (const { value } of notes.range(Buffer.alloc(1), Buffer.alloc(33, 0xff))) {
    const [table = '', key = '', text = ''] = new ByteReader(value).texts(3)
    all.push([table, key, text])
  }
  return all
}

/** Keeps a note; undefined forgets it. */
export function writeNote(notes: Table, table: string, key: string, text: string | undefined): void {
  // Keys of lmdb are short and notes' are not: the digest stands for them, the texts lie in the value.
  const digest = createHash('sha256')
    .update(JSON.stringify([table, key]))
    .digest()
  if (text === undefined) {
    notes.remove(digest)
    return
  }
  const writer = new ByteWriter()
  writer.texts([table, key, text])
  notes.put(digest, writer.view())
}
