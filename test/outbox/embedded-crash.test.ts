/**
 * What was acknowledged outlives the process and the power: a process that works on a store is killed, or the disk under it
 * loses its power, at random moments; each acknowledged event is there afterwards and nothing in the store is wrong.
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { markAsStore } from '../../src/outbox/embedded/data-file.ts'
import { verify } from '../../src/outbox/embedded/inspect.ts'
import { openEmbeddedOutbox } from '../../src/outbox/embedded/open.ts'
import { DATA_FILE } from '../../src/outbox/embedded/tables.ts'
import { diskAfter, readTrace, straceArguments, type TraceStep } from './power-cut.ts'

const CHILD = join(import.meta.dirname, 'embedded-child.ts')
/** Without it, as on other systems than Linux, the power cuts are left to a machine that has it. */
const HAS_STRACE = spawnSync('strace', ['-V']).status === 0

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchhook-crash-'))
})

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** Opens the store and looks for everything that the lines of the process say. */
async function expectKept(path: string, lines: readonly string[]): Promise<number> {
  expect(await verify(path)).toEqual([])
  const outbox = await openEmbeddedOutbox({ path })
  let kept = 0
  for (const line of lines) {
    const [what, name = ''] = line.split(' ')
    if (what === 'accepted') expect(await outbox.get(`${name}-0`), name).toBeDefined()
    if (what === 'delivered') expect(await outbox.get(name), name).toMatchObject({ state: 'delivered' })
    kept += 1
  }
  await outbox.close()
  return kept
}

describe('a process that is killed', () => {
  test('loses nothing that was acknowledged, killed six times at random moments', async () => {
    const path = join(folder, 'killed')
    const lines: string[] = []
    for (let round = 0; round < 6; round += 1) {
      const child = spawn(process.execPath, [CHILD, path, '32'], { stdio: ['ignore', 'pipe', 'inherit'] })
      let output = ''
      const opened = Promise.withResolvers<void>()
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        output += text
        if (output.includes('accepted')) opened.resolve()
      })
      const ended = new Promise((resolve) => child.on('close', resolve))
      await Promise.race([opened.promise, ended])
      await sleep(Math.random() * 200)
      child.kill('SIGKILL')
      await ended
      lines.push(...output.slice(0, output.lastIndexOf('\n')).split('\n'))
    }
    expect(await expectKept(path, lines)).toBeGreaterThan(100)
  }, 60_000)
})

describe('a disk that loses its power', () => {
  let steps: TraceStep[] = []

  test.runIf(HAS_STRACE)(
    'has everything that was acknowledged before, at 25 random moments',
    async () => {
      const path = join(folder, 'traced')
      const traceFile = join(folder, 'trace')
      const traced = spawnSync('strace', [...straceArguments(traceFile), process.execPath, CHILD, path, '16', '300'], {
        timeout: 50_000,
      })
      expect(traced.status).toBe(0)
      steps = readTrace(traceFile, join(path, DATA_FILE))
      const first = steps.findIndex((step) => step.kind === 'line' && step.text === 'open')
      expect(first).toBeGreaterThan(0)
    expect(steps.filter(({ kind }) => kind === 'sync').length).toBeGreaterThan(10)
      for (let round = 0; round < 25; round += 1) {
        const cut = first + 1 + Math.floor(Math.random() * (steps.length - first))
        const cutPath = mkdtempSync(join(folder, 'cut-'))
        writeFileSync(join(cutPath, DATA_FILE), diskAfter(steps.slice(0, cut), Math.random))
        await markAsStore(cutPath)
        await expectKept(
          cutPath,
          steps.slice(0, cut).flatMap((step) => (step.kind === 'line' ? [step.text] : [])),
        )
      }
    },
    90_000,
  )

  test.runIf(HAS_STRACE)('is simulated fairly: without the syncs the same store loses what was acknowledged', () => {
    const whole = diskAfter(steps, () => 0)
    const unsynced = diskAfter(
      steps.filter(({ kind }) => kind !== 'sync'),
      () => 0,
    )
    expect(unsynced.equals(whole)).toBe(false)
  })
})
