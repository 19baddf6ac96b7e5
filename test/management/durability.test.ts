/** A change is durable before it is in force, and in force before it is answered; what could not be written did not happen. */
import { expect, test } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { parseConfig } from '../../src/config/load.ts'
import type { PlanChange } from '../../src/engine/plan/plan.ts'
import { Management } from '../../src/manage/management.ts'
import type { Notes } from '../../src/outbox/contract.ts'
import { MemoryNotes } from '../../src/outbox/memory/memory-notes.ts'
import { feed, startManaged } from './management-world.ts'

/** Notes whose disk does what the test says. */
class TestNotes implements Notes {
  readonly #kept = new MemoryNotes()
  flushing: () => Promise<void> = async () => undefined

  put(table: string, key: string, text: string | undefined): void {
    this.#kept.put(table, key, text)
  }

  all(table: string): Iterable<readonly [string, string]> {
    return this.#kept.all(table)
  }

  async flush(): Promise<void> {
    await this.flushing()
  }
}

function startManagement(notes: Notes): { readonly management: Management; readonly changes: PlanChange[] } {
  const loaded = parseConfig('workers: 0', 'f', {})
  if (loaded.kind === 'refused') throw new Error('refused')
  const ignore = (): undefined => undefined
  const log = { info: ignore, warn: ignore, error: ignore }
  const management = new Management({ config: loaded.config, notes, clock: systemClock, log, onSecrets: ignore })
  const changes: PlanChange[] = []
  management.connect({
    change: (change) => void changes.push(change),
    prepare: async () => ignore,
    isActive: () => true,
    leftOut: ignore,
  })
  return { management, changes }
}

const CRM = { kind: 'webhook', id: 'crm', accounts: 'all' } as const

function put(management: Management, name: string): ReturnType<Management['put']> {
  return management.put({ ...CRM, value: feed('https://crm.example.com', { name }), conditions: {} })
}

test('nothing is in force before it is durable', async () => {
  const notes = new TestNotes()
  const { management, changes } = startManagement(notes)
  const disk = Promise.withResolvers<void>()
  const reached = Promise.withResolvers<void>()
  notes.flushing = () => {
    reached.resolve()
    return disk.promise
  }
  const answer = put(management, 'One')
  await reached.promise
  expect(management.get(CRM)).toBeUndefined()
  expect(changes).toEqual([])
  disk.resolve()
  expect(await answer).toMatchObject({ kind: 'created' })
  expect(changes).toHaveLength(1)
})

test('what could not be written did not happen, and the next change is made', async () => {
  const notes = new TestNotes()
  const { management, changes } = startManagement(notes)
  await put(management, 'One')
  const before = management.get(CRM)
  const failing = async (): Promise<void> => {
    throw new Error('the disk is full')
  }
  notes.flushing = failing
  await expect(put(management, 'Two')).rejects.toMatchObject({ code: 'unavailable' })
  await expect(management.remove({ ...CRM, conditions: {} })).rejects.toMatchObject({ code: 'unavailable' })
  expect(management.get(CRM)).toEqual(before)
  expect(changes).toHaveLength(1)
  expect(startManagement(notes).management.get(CRM)).toEqual(before)
  notes.flushing = async () => undefined
  expect(await put(management, 'Three')).toMatchObject({ kind: 'replaced' })
  expect(startManagement(notes).management.get(CRM)?.config).toMatchObject({ name: 'Three' })
})

test('a damaged note is left out, and the others are not', async () => {
  const notes = new TestNotes()
  await put(startManagement(notes).management, 'One')
  for (const [key, text] of [
    ['webhook:a', '{"revision":1,"atMs":1,"config":{'],
    ['webhook:b', 'nonsense'],
    ['gadget:c', '{"revision":1,"atMs":1,"config":{}}'],
  ] as const) {
    notes.put('overlay', key, text)
  }
  const { management } = startManagement(notes)
  const page = await management.list({ kind: 'webhook', accounts: 'all', limit: 10 })
  expect(page.entries.map(({ id }) => id)).toEqual(['crm'])
})

test.each([64, 65])('a template that %i webhooks name changes all of them at once', async (count) => {
  const { ask, post } = await startManaged(
    `templates: [{ id: lead, type: json, format: '{"a": 1}' }]\nwebhooks:\n${Array.from(
      { length: count },
      (_, index) => `  - { id: w${index}, profile: autoid, url: 'http://127.0.0.1:9', template: lead }\n`,
    ).join('')}`,
  )
  expect((await ask('PUT', '/v1/templates/lead', { type: 'json', format: '{"b": 2}' })).status).toBe(200)
  for (const id of ['w0', `w${count - 1}`]) {
    expect((await post(`/v1/webhooks/${id}/render`, { data: {} })).json.body).toBe('{"b": 2}')
  }
  expect((await ask('DELETE', '/v1/templates/lead')).status).toBe(204)
  expect((await post('/v1/webhooks/w0/render', { data: {} })).json.body).toBe('{"a": 1}')
})
