/**
 * Every quarter of a second the backlog was counted anew by what the outbox has. What was accepted and still being written was
 * forgotten: while a disk stalled, each quarter of a second let in as much again as there was room for.
 */
import { expect, test } from 'vitest'
import type { AcceptedEvent } from '../../src/model/delivery.ts'
import type { AcceptVerdict } from '../../src/outbox/contract.ts'
import { MemoryOutbox } from '../../src/outbox/memory/memory.ts'
import { T0 } from '../contract/outbox-world.ts'
import { callEvent, settingsOf, startEngine } from './engine-world.ts'

const LIMIT = 2

/** An outbox that keeps events when the test says so, or rejects them. */
class StalledOutbox extends MemoryOutbox {
  disk: Promise<void> = Promise.resolve()

  override async accept(events: readonly AcceptedEvent[]): Promise<readonly AcceptVerdict[]> {
    await this.disk
    return await super.accept(events)
  }
}

function config(limit: string): string {
  return `store: { backlog: { ${limit} } }
webhooks: [{ id: crm, profile: custom, on: [call.end], method: POST, url: 'http://127.0.0.1:9/' }]
`
}

test.each(['perEndpoint', 'total'])('no more is let in than %s while a disk stalls, and after it', async (limit) => {
  const outbox = new StalledOutbox()
  let nowMs = T0
  const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs - T0 }
  const yaml = config(`${limit}: ${LIMIT}`)
  const { engine } = startEngine(yaml, { outbox, clock })
  const disk = Promise.withResolvers<void>()
  outbox.disk = disk.promise
  const results: string[] = []
  const accept = async (subject: string): Promise<void> => {
    for (const { kind } of await engine.accept([callEvent('call.end', subject)])) results.push(kind)
  }
  const accepting: Promise<void>[] = []
  for (let quarter = 0; quarter < 6; quarter += 1) {
    accepting.push(accept(`c${quarter}`))
    nowMs += 250
    // Nor does a reload forget what is on its way.
    if (quarter === 3) (await engine.prepareReload(settingsOf(yaml)))()
  }
  disk.resolve()
  await Promise.all(accepting)
  expect(results.toSorted()).toEqual([...Array(LIMIT).fill('accepted'), ...Array(6 - LIMIT).fill('rejected')])
  expect(outbox.counts().pending).toBe(LIMIT)
  nowMs += 250
  await accept('late')
  expect(results.at(-1)).toBe('rejected')
})

test('what could not be written takes no room', async () => {
  const outbox = new StalledOutbox()
  const { engine } = startEngine(config('total: 1'), { outbox, clock: { nowMs: () => T0, monotonicMs: () => 0 } })
  outbox.disk = Promise.reject(new Error('the disk is broken'))
  for (let time = 0; time < 3; time += 1) {
    await expect(engine.accept([callEvent('call.end')])).rejects.toThrow('can not write')
  }
  outbox.disk = Promise.resolve()
  expect(await engine.accept([callEvent('call.end')])).toMatchObject([{ kind: 'accepted' }])
})
