/**
 * A load that never ended - the file of a secret was a pipe, or on a server that was gone - kept every later one from beginning,
 * and SIGHUP did nothing without a word until the next start.
 */
import { execFileSync } from 'node:child_process'
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadConfigBeside } from '../../src/config/load-beside.ts'

test('a load that does not end is refused in time', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'switchhook-hang-'))
  try {
    const pipe = join(folder, 'secret')
    const file = join(folder, 'switchhook.yaml')
    execFileSync('mkfifo', [pipe])
    await writeFile(file, 'auth: { tokens: [ { name: a, secret: { file: secret }, may: [read] } ] }')
    expect(await loadConfigBeside(file, {}, { limitMs: 1_000 })).toMatchObject({
      kind: 'refused',
      issues: [{ message: "can't be read: its reader did not end within 1 s" }],
    })
    // Lets go of the process, should it still be there, which the system holds until somebody writes; for both, so that nobody has to be there.
    const writer = await open(pipe, 'r+')
    await writer.close()
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}, 20_000)
