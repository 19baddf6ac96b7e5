/**
 * A backup has no free pages, and the first change to it makes lmdb's list of them. Where that change touched so many pages
 * that the list took more than one, lmdb (3.5.6) asked the list that it was making for room and ended the process: a large
 * store could not be used again from its backup.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { verify } from '../../src/outbox/embedded/files/inspect.ts'

const WRITER = join(import.meta.dirname, 'write-to-a-backup-child.ts')

test('a backup of a large store takes a large change first', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'switchhook-025-'))
  try {
    // It was the process that ended, so it has one of its own.
    const { status, stdout, stderr } = spawnSync(process.execPath, [WRITER, folder], { encoding: 'utf8' })
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '3000 accepted\n', stderr: '' })
    expect(await verify(join(folder, 'backup'))).toEqual([])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}, 120_000)
