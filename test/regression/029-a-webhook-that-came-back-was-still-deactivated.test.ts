/**
 * That a webhook was deactivated was forgotten when a reload removed it, but late: after a while, in which one of the same id
 * could come back and be deactivated, which was then forgotten instead. And never where it was removed between two starts.
 */
import { expect, test, vi } from 'vitest'
import { MemoryOutbox } from '../../src/outbox/memory/memory.ts'
import { settingsOf, startEngine } from './engine-world.ts'

const CRM = `webhooks:
  - { id: crm, profile: custom, on: [call.end], method: POST, url: 'http://127.0.0.1:9/' }
`
const OTHER = CRM.replace('crm', 'other')

function activations(outbox: MemoryOutbox): readonly string[] {
  return [...outbox.notes.all('activations')].map(([webhook]) => webhook)
}

test('what is commanded of a webhook that came back is kept', async () => {
  const outbox = new MemoryOutbox()
  const { engine } = startEngine(CRM, { outbox })
  await engine.setActive('crm', false)
  const remove = await engine.prepareReload(settingsOf(OTHER))
  remove()
  expect(activations(outbox)).toEqual([])
  const bringBack = await engine.prepareReload(settingsOf(CRM))
  bringBack()
  await engine.setActive('crm', false)
  await vi.waitFor(async () => expect((await engine.stats())['deactivated']).toHaveLength(1), { timeout: 30_000 })
  expect(activations(outbox)).toEqual(['crm'])
})

test('a webhook that is removed between two starts is another when it comes back', async () => {
  const outbox = new MemoryOutbox()
  const first = startEngine(CRM, { outbox })
  await first.engine.setActive('crm', false)
  const second = startEngine(OTHER, { outbox })
  expect(activations(outbox)).toEqual([])
  expect((await second.engine.stats())['deactivated']).toEqual([])
})
