/** The typed client manages what the API does, for each kind. */
import { expect, test } from 'vitest'
import { ProblemError, SwitchhookClient } from '../../src/client/client.ts'
import { feed, startManaged } from './management-world.ts'

const KINDS = [
  ['templates', 'lead', { type: 'json', format: '{}' }],
  ['webhooks', 'crm', feed('https://crm.example.com')],
  ['bindings', 'default:campaign:Sales / West', { number: '8005550001', postCall: 'none' }],
] as const

test.each(KINDS)('%s are listed, got, put on conditions and deleted', async (kind, id, config) => {
  const { url } = await startManaged('')
  const entries = new SwitchhookClient({ url })[kind]
  expect(await entries.get(id)).toBeUndefined()
  const made = await entries.put(id, config, { isNew: true })
  expect(made).toMatchObject({ id, origin: 'api', config })
  expect(await entries.get(id)).toEqual(made)
  await expect(entries.put(id, config, { isNew: true })).rejects.toMatchObject({ problem: { status: 412 } })
  await expect(entries.put(id, config, { ifMatch: '"other"' })).rejects.toBeInstanceOf(ProblemError)
  const changed = await entries.put(id, { ...config, id }, { ifMatch: made.etag })
  await expect(entries.delete(id, { ifMatch: '"other"' })).rejects.toMatchObject({ problem: { status: 412 } })
  await entries.delete(id, { ifMatch: changed.etag })
  expect(await entries.get(id)).toBeUndefined()
})

test('long lists come a page at a time', async () => {
  const { url } = await startManaged('')
  const { webhooks } = new SwitchhookClient({ url })
  const wanted = ['a', 'b', 'c', 'd', 'e']
  for (const id of wanted)
    await webhooks.put(id, feed('https://crm.example.com', { account: id < 'c' ? 'acme' : 'beta' }))
  const listed = async (...parameters: Parameters<typeof webhooks.list>): Promise<string[]> => {
    const ids: string[] = []
    for await (const { id } of webhooks.list(...parameters)) ids.push(id)
    return ids
  }
  expect(await listed({}, 2)).toEqual(wanted)
  expect(await listed({ account: 'beta' }, 1)).toEqual(['c', 'd', 'e'])
  expect(await webhooks.page({}, 2, 'b')).toMatchObject({ entries: [{ id: 'c' }, { id: 'd' }], next: 'd' })
})
