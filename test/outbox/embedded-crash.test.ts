/**
 * What was acknowledged outlives the process: one that works on a store is killed at random moments; each acknowledged event
 * is there afterwards and nothing in the store is wrong.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { verify } from '../../src/outbox/embedded/files/inspect.ts'
import { openEmbeddedOutbox } from '../../src/outbox/embedded/open.ts'

const CHILD = join(import.meta.dirname, 'embedded-child.ts')

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
  })
})
