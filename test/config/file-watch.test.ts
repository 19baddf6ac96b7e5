/** Watched files: every way of changing one is told once, and nothing else is. */
import { mkdtemp, rename, rm, unlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { fileState, fileStateSync } from '../../src/config/file-state.ts'
import { FileWatch } from '../../src/config/file-watch.ts'

async function startWatch(names: readonly string[]): Promise<{
  readonly folder: string
  readonly changes: () => number
  readonly watch: FileWatch
  nextChange(): Promise<void>
}> {
  const folder = await mkdtemp(join(tmpdir(), 'switchhook-watch-'))
  const paths = names.map((name) => join(folder, name))
  for (const path of paths) await writeFile(path, 'before')
  let changes = 0
  let changed = Promise.withResolvers<void>()
  const watch = new FileWatch(
    () => {
      changes += 1
      changed.resolve()
      changed = Promise.withResolvers()
    },
    { pollMs: 50, restMs: 20 },
  )
  onTestFinished(async () => {
    watch.close()
    await rm(folder, { recursive: true, force: true })
  })
  watch.watch(paths.map(fileStateSync))
  return { folder, changes: () => changes, watch, nextChange: () => changed.promise }
}

test.each<[string, (folder: string) => Promise<void>]>([
  ['written', (folder) => writeFile(join(folder, 'b'), 'after')],
  ['written with as many bytes', (folder) => writeFile(join(folder, 'b'), 'BEFORE')],
  ['touched', (folder) => utimes(join(folder, 'b'), 1, 1)],
  ['removed', (folder) => unlink(join(folder, 'b'))],
  [
    'replaced',
    async (folder) => {
      await writeFile(join(folder, 'c'), 'after')
      await rename(join(folder, 'c'), join(folder, 'b'))
    },
  ],
])('a file that is %s is told once', async (_, change) => {
  const { folder, changes, nextChange } = await startWatch(['a', 'b'])
  const told = nextChange()
  await change(folder)
  await told
  await pause(200)
  expect(changes()).toBe(1)
})

test('a change between reading and watching is told', async () => {
  const { folder, watch, nextChange } = await startWatch(['a'])
  const read = await fileState(join(folder, 'a'))
  const told = nextChange()
  await writeFile(join(folder, 'a'), 'changed')
  watch.watch([read])
  await told
})

test('a file in a folder that is not there yet is told when it comes', async () => {
  const { folder, watch, nextChange } = await startWatch([])
  const path = join(folder, 'a')
  watch.watch([fileStateSync(path), fileStateSync(join(folder, 'none', 'b'))])
  const told = nextChange()
  await writeFile(path, 'now')
  await told
})

test('other files in the folder are nothing to tell, nor is anything after the end', async () => {
  const { folder, changes, watch } = await startWatch(['a'])
  await writeFile(join(folder, 'other'), 'text')
  await pause(150)
  watch.close()
  await writeFile(join(folder, 'a'), 'after')
  await pause(150)
  expect(changes()).toBe(0)
})
