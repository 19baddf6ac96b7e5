/**
 * A store below `/proc` was never refused: that takes no folders and says that the one above is missing, at which Node.js' recursion
 * makes the one above, which is there, and tries again, with a core to itself.
 */
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { makeFolder } from '../../src/outbox/embedded/files/folder.ts'

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'switchhook-made-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}

test('a folder where there can be none is refused', async () => {
  await expect(makeFolder('/proc/nowhere/data')).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(/^the folder \/proc\/nowhere\/data can't be made: E/),
  })
})

test('a folder is made with all above it, for its owner alone; one that is there stays as it is', async () => {
  const top = folder()
  await makeFolder(join(top, 'a', 'b', 'c'))
  for (const path of ['a', 'a/b', 'a/b/c']) expect(statSync(join(top, path)).mode & 0o777).toBe(0o700)
  mkdirSync(join(top, 'open'))
  const before = statSync(join(top, 'open'))
  await makeFolder(join(top, 'open'))
  expect(statSync(join(top, 'open'))).toEqual(before)
})

test('a folder that two make at once is made', async () => {
  const path = join(folder(), 'a', 'b', 'c')
  await Promise.all([makeFolder(path), makeFolder(path), makeFolder(join(path, 'd'))])
  expect(statSync(join(path, 'd')).isDirectory()).toBe(true)
})

test('where a file or a link to nothing has its name, or that of one above, it is refused', async () => {
  const top = folder()
  writeFileSync(join(top, 'file'), '')
  symlinkSync(join(top, 'nothing'), join(top, 'link'))
  await expect(makeFolder(join(top, 'file'))).rejects.toThrow(/can't be made: EEXIST/)
  await expect(makeFolder(join(top, 'file', 'data'))).rejects.toThrow(/can't be made: ENOTDIR/)
  await expect(makeFolder(join(top, 'link'))).rejects.toThrow(/can't be made: EEXIST/)
})
