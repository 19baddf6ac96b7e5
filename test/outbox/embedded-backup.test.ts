/**
 * Backups of a store that are cut short: there is nothing of their name or something whole, and what they were reading does
 * not weigh on the store for longer than until the next look.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { backup, verify } from '../../src/outbox/embedded/files/inspect.ts'
import { DATA_FILE, openTables } from '../../src/outbox/embedded/files/tables.ts'
import { openEmbeddedOutbox } from '../../src/outbox/embedded/open.ts'
import { event, T0 } from '../contract/outbox-world.ts'

const COMMAND = join(import.meta.dirname, '..', '..', 'bin', 'switchhook.js')
const MIB = 1024 * 1024

const root = mkdtempSync(join(tmpdir(), 'switchhook-backup-'))
let folder: string

beforeEach(async () => {
  folder = mkdtempSync(join(root, 'test-'))
})

afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})

/** A store of some 30 MiB, so that copying it takes a while. */
async function makeStore(path: string): Promise<void> {
  const outbox = await openEmbeddedOutbox({ path, reserveBytes: 0 })
  const payload = JSON.stringify({ text: 'x'.repeat(30_000) })
  for (let batch = 0; batch < 10; batch += 1) {
    const events = Array.from({ length: 100 }, (_, index) =>
      event(`e${batch}-${index}`, [`crm:${batch}-${index}`], { payload, acceptedAtMs: T0 }),
    )
    await outbox.accept(events)
  }
  await outbox.close()
}

test('a backup that is killed leaves nothing of its name, or something whole', async () => {
  const store = join(folder, 'store')
  await makeStore(store)
  let killed = 0
  // Later and later, until one comes to its end.
  for (let afterMs = 100; ; afterMs += 40) {
    const target = join(folder, `copy-${afterMs}`)
    const child = spawn(process.execPath, [COMMAND, 'store', 'backup', store, target], {
      env: { ...process.env, SWITCHHOOK_RELAYED: '1' },
      stdio: 'ignore',
    })
    const exited = once(child, 'exit')
    await Promise.race([pause(afterMs), exited])
    child.kill('SIGKILL')
    await exited
    if (existsSync(target)) expect(await verify(target)).toEqual([])
    if (child.signalCode === null) {
      expect({ afterMs, status: child.exitCode, isThere: existsSync(target) }).toMatchObject({
        status: 0,
        isThere: true,
      })
      break
    }
    killed += 1
  }
  expect(killed).toBeGreaterThan(0)
  expect(await verify(store)).toEqual([])
})

test('a folder that holds something is not written to', async () => {
  const store = join(folder, 'store')
  const target = join(folder, 'photos')
  await makeStore(store)
  await mkdir(target)
  await writeFile(join(target, 'cat.jpg'), 'cat')
  await expect(backup(store, target)).rejects.toMatchObject({
    code: 'conflict',
    message: `${target} exists already and is not empty: name a new folder`,
  })
  expect(readdirSync(folder).sort()).toEqual(['photos', 'store'])
  const empty = join(folder, 'empty')
  await mkdir(empty)
  await backup(store, empty)
  expect(await verify(empty)).toEqual([])
})

test('what a killed reader was reading is given free, so that the file does not grow with every change', async () => {
  const tables = openTables(folder)
  const rewrite = (): void => {
    for (let round = 0; round < 16; round += 1) {
      tables.commit(() => {
        for (let key = 0; key < 16; key += 1) tables.state.put(Buffer.from([key]), Buffer.alloc(MIB / 16, round))
      })
    }
  }
  const fileMib = (): number => statSync(join(folder, DATA_FILE)).size / MIB
  rewrite()
  const usualMib = fileMib()

  const module = JSON.stringify(new URL('../../src/outbox/embedded/files/tables.ts', import.meta.url).href)
  const script = `
    const { openTables } = await import(${module})
    for (const row of openTables(${JSON.stringify(folder)}, { isReadOnly: true }).state.range(Buffer.alloc(1), Buffer.alloc(9, 255))) {
      process.stdout.write('reading ' + row.key.length)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
    }`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited

  rewrite()
  const heldMib = fileMib()
  expect(heldMib).toBeGreaterThan(usualMib + 10)
  expect(tables.forgetDeadReaders()).toBe(1)
  rewrite()
  rewrite()
  expect(fileMib()).toBe(heldMib)
  await tables.close()
})
