/** What is erased leaves the embedded store's tables at once, a copy of it with the next backup, and memory with the process. */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { MARKER_FILE } from '../../src/outbox/embedded/files/data-file.ts'
import { info, verify } from '../../src/outbox/embedded/files/inspect.ts'
import { DATA_FILE } from '../../src/outbox/embedded/files/tables.ts'
import { openEmbeddedOutbox } from '../../src/outbox/embedded/open.ts'
import { ERASE_STEP, type EraseCommand } from '../../src/outbox/erasure.ts'
import { eraseStepwise } from '../contract/outbox-erasure.ts'
import { again, claimAll, claimIds, dead, delivered, event, nameOf, T0 } from '../contract/outbox-world.ts'

const NUMBER = '5551234567'
const OTHER = '5559876543'
const ERASE: EraseCommand = { of: { kind: 'number', number: NUMBER }, isDryRun: false, limit: ERASE_STEP, atMs: T0 + 5 }

const root = mkdtempSync(join(tmpdir(), 'switchhook-erasure-'))
let path: string
let stores = 0

beforeEach(() => {
  stores += 1
  path = join(root, String(stores))
})

afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})

describe('an embedded store that a number was erased from', () => {
  test.each([
    ['among others on the same pages', 20],
    ['on pages of their own', 9000],
  ])('has it in no copy, where its events were %s', async (_, bytes) => {
    const outbox = await openEmbeddedOutbox({ path })
    const events = Array.from({ length: 400 }, (__, index) => {
      const caller_id = index % 2 === 0 ? NUMBER : OTHER
      const payload = JSON.stringify({ caller_id, text: 'x'.repeat(bytes) })
      return event(`e${index}`, [`crm:${index}`], { payload, subject: `call-${caller_id}-${index}`, context: payload })
    })
    for (const each of events) await outbox.accept([each])
    const ids = claimIds(outbox, T0, 300)
    const excerptOf = (name: string): string => (Number(name.slice(4)) % 2 === 0 ? NUMBER : OTHER)
    await outbox.settle(
      ids.map((name, index) => {
        const settlement = [delivered(name), dead(name), again(name, T0 + 9)][index % 3] ?? dead(name)
        const { record } = settlement
        return record === undefined ? settlement : { ...settlement, record: { ...record, excerpt: excerptOf(name) } }
      }),
    )
    outbox.notes.put('contexts', `default\ncall-${NUMBER}`, NUMBER)
    await outbox.notes.flush()
    outbox.notes.put('contexts', `default\ncall-${NUMBER}`, undefined)
    await outbox.notes.flush()
    expect(await eraseStepwise(outbox, ERASE)).toMatchObject({ events: 200, deliveries: 200 })
    await outbox.backup(join(path, 'copy'))
    await outbox.close()
    const copy = readFileSync(join(path, 'copy', DATA_FILE))
    expect(copy.includes(NUMBER)).toBe(false)
    expect(copy.includes(OTHER)).toBe(true)
    for (const folder of [path, join(path, 'copy')]) expect(await verify(folder)).toEqual([])
  })

  test('holds as little as one that never had it', async () => {
    const outbox = await openEmbeddedOutbox({ path })
    const payload = JSON.stringify({ caller_id: NUMBER })
    await outbox.accept([event('e1', ['crm:1', 'log:1'], { payload, hasOwnId: false }), event('e2', [], { payload })])
    await outbox.erase(ERASE)
    const dayLaterMs = T0 + 24 * 3_600_000
    await outbox.control({ kind: 'purge', state: 'dead', endedBeforeMs: 0, limit: 10, atMs: dayLaterMs })
    expect(outbox.counts()).toMatchObject({ pending: 0, delivered: 0, dead: 0, bytes: 0 })
    await outbox.close()
  })

  test('lets go of what was in flight when the process was killed, and of what stood behind it', async () => {
    const outbox = await openEmbeddedOutbox({ path })
    const payload = JSON.stringify({ caller_id: NUMBER })
    await outbox.accept([event('e1', ['crm:1'], { payload, ordered: true }), event('e2', ['crm:2'], { ordered: true })])
    claimAll(outbox)
    await outbox.erase(ERASE)
    const killed = `${path}-killed`
    mkdirSync(killed)
    for (const file of [DATA_FILE, MARKER_FILE]) copyFileSync(join(path, file), join(killed, file))
    await outbox.close()
    expect(await verify(killed)).toEqual([])
    expect(await info(killed)).toMatchObject({ pending: 2 })
    const later = await openEmbeddedOutbox({ path: killed })
    expect(later.counts()).toMatchObject({ pending: 1, delivered: 0, dead: 0 })
    expect(later.claim(T0 + 9, () => true, 10).map(({ id }) => nameOf(id))).toEqual(['crm:2'])
    await later.close()
    expect(await verify(killed)).toEqual([])
  })
})
