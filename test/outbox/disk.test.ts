/** What is asked of the disk before lmdb is let write, and that a disk that takes nothing is not tried with each batch. */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { Disk } from '../../src/outbox/embedded/files/disk.ts'
import { DATA_FILE } from '../../src/outbox/embedded/files/tables.ts'
import { openEmbeddedOutbox } from '../../src/outbox/embedded/open.ts'

const root = mkdtempSync(join(tmpdir(), 'switchhook-disk-'))
const MIB = 2 ** 20

/** A file system of the system's own, which has no room at all. */
const NO_ROOM = '/proc'

function limitFiles(bytes: number | 'unlimited'): void {
  expect(spawnSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:`]).status).toBe(0)
}

afterEach(() => {
  limitFiles('unlimited')
})

afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})

describe('a disk', () => {
  test('without room for a store is refused before one is opened, with what is free and what is needed', async () => {
    const refused = { code: 'unavailable', message: expect.stringContaining('0 bytes are free') }
    expect(() => new Disk(NO_ROOM).requireRoom()).toThrow(expect.objectContaining(refused))
    expect(() => new Disk(root).requireRoom()).not.toThrow()
    await expect(openEmbeddedOutbox({ path: NO_ROOM })).rejects.toMatchObject(refused)
  })

  test('without room is not written to', () => {
    expect(() => new Disk(NO_ROOM).tryWrite()).toThrow("the store can't write: the disk is full")
  })

  test.each([
    ['up to a megabyte behind the data', 3 * MIB, undefined],
    ['one byte less', 3 * MIB - 1, /can't write: EFBIG/],
    ['nothing', 0, /can't write: EFBIG/],
  ])('that takes %s is tried behind the data file, and nothing is left', (_, limitBytes, refusal) => {
    const folder = mkdtempSync(join(root, 'trial-'))
    writeFileSync(join(folder, DATA_FILE), Buffer.alloc(2 * MIB))
    const disk = new Disk(folder)
    limitFiles(limitBytes)
    if (refusal === undefined) expect(() => disk.tryWrite()).not.toThrow()
    else expect(() => disk.tryWrite()).toThrow(refusal)
    expect(readdirSync(folder)).toEqual([DATA_FILE])
  })

  test.each([
    ['the whole of it', 3 * MIB, undefined],
    ['one byte less', 3 * MIB - 1, /can't write: (EFBIG|nothing was written)/],
    ['nothing', 0, /can't write: (EFBIG|nothing was written)/],
  ])('that would take %s of a transaction is known before each', (_, limitBytes, refusal) => {
    const folder = mkdtempSync(join(root, 'byte-'))
    writeFileSync(join(folder, DATA_FILE), Buffer.alloc(2 * MIB))
    const disk = new Disk(folder)
    disk.requireWritable()
    limitFiles(limitBytes)
    if (refusal === undefined) expect(() => disk.requireWritable()).not.toThrow()
    else expect(() => disk.requireWritable()).toThrow(refusal)
    limitFiles('unlimited')
    disk.requireWritable()
    expect(readdirSync(folder)).toEqual([DATA_FILE])
    disk.close()
    expect(() => new Disk(NO_ROOM).requireWritable()).toThrow("the store can't write: the disk is full")
  })
})

test('a store that can not write does not let lmdb try, until a write of its own went well', async () => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'failing-writes-child.ts'), join(root, 'failing')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)])
  expect(output).toBe('refused 300, then accepted\n')
  // lmdb tells there of each page that it could not write.
  expect(errors).toBe('')
})
