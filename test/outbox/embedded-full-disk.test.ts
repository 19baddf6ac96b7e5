/**
 * A disk that takes no more: what is offered is refused, what is kept can be read, and when there is room again all goes on.
 * The limit on file sizes of this very process stands for the disk; writes beyond it fail as on a full one.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { verify } from '../../src/outbox/embedded/files/inspect.ts'
import { openEmbeddedOutbox } from '../../src/outbox/embedded/open.ts'
import { claimAll, delivered, event, T0 } from '../contract/outbox-world.ts'

const root = mkdtempSync(join(tmpdir(), 'switchhook-full-'))

function limitFiles(bytes: number | 'unlimited'): void {
  expect(spawnSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:`]).status).toBe(0)
}

afterEach(() => {
  limitFiles('unlimited')
})

afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})

describe('a full disk', () => {
  test('refuses events whole, reads on, and recovers by itself', async () => {
    const path = join(root, 'limited')
    const outbox = await openEmbeddedOutbox({ path, reserveBytes: 0 })
    limitFiles(2 * 1024 * 1024)
    const kept: string[] = []
    let refused = 0
    for (let round = 0; round < 200 && refused < 3; round += 1) {
      const events = Array.from({ length: 20 }, (_, index) =>
        event(`${round}-${index}`, [`crm:${round}-${index}`], { payload: JSON.stringify('x'.repeat(1000)) }),
      )
      try {
        await outbox.accept(events)
        kept.push(...events.map(({ key }) => `${key}-0`))
      } catch (error) {
        expect(error).toMatchObject({ code: 'unavailable' })
        refused += 1
      }
    }
    expect(refused).toBe(3)
    expect(outbox.health()).toMatchObject({ isWritable: false, detail: expect.stringContaining("can't write") })
    expect(outbox.counts().pending).toBe(kept.length)
    expect(await outbox.get(kept[0] ?? '')).toMatchObject({ state: 'pending' })
    limitFiles('unlimited')
    for (let waits = 0; waits < 100 && !outbox.health().isWritable; waits += 1) await sleep(50)
    expect(outbox.health()).toEqual({ isWritable: true, detail: '' })
    await outbox.accept([event('later', ['crm:later'])])
    claimAll(outbox)
    await outbox.settle([delivered('crm:later')])
    await outbox.close()
    expect(await verify(path)).toEqual([])
    const again = await openEmbeddedOutbox({ path })
    for (const id of kept) expect(await again.get(id), id).toBeDefined()
    expect(again.counts().pending + again.counts().delivered).toBe(kept.length + 1)
    await again.close()
  })

  test('keeps its reserve for what was accepted: below it nothing new is, but deliveries are settled', async () => {
    const path = join(root, 'reserve')
    const first = await openEmbeddedOutbox({ path, reserveBytes: 0 })
    await first.accept([event('e1', ['crm:1'])])
    await first.close()
    const { bavail, bsize } = statfsSync(root)
    const outbox = await openEmbeddedOutbox({ path, reserveBytes: bavail * bsize * 2 })
    await expect(outbox.accept([event('e2', ['crm:2'])])).rejects.toMatchObject({ code: 'unavailable' })
    expect(outbox.health()).toMatchObject({ isWritable: false, detail: expect.stringContaining('bytes are free') })
    claimAll(outbox, T0)
    await outbox.settle([delivered('crm:1')])
    expect(outbox.counts()).toMatchObject({ pending: 0, delivered: 1 })
    expect(outbox.health()).toMatchObject({ isWritable: false, detail: expect.stringContaining('bytes are free') })
    await outbox.close()
  })
})
