/**
 * A page of a list had up to 1,000 entries, each of which may have a megabyte: one answer of a gigabyte, made in one turn of the loop, for
 * which every live call waited, and for which there is no text long enough.
 */
import { expect, test } from 'vitest'
import { SwitchhookClient } from '../../src/client/client.ts'
import { feed, startManaged } from '../management/management-world.ts'

const LARGE = 300_000
const COUNT = 9

test('a page ends where it is large, and the next goes on from there', async () => {
  const { ask, url } = await startManaged('')
  const ids = Array.from({ length: COUNT }, (_, index) => `w${index}`)
  for (const id of ids) {
    const { status } = await ask(
      'PUT',
      `/v1/webhooks/${id}`,
      feed('http://127.0.0.1:9', { backup: { text: 'x'.repeat(LARGE) } }),
    )
    expect(status).toBe(201)
  }
  const pages: string[][] = []
  let cursor = ''
  do {
    const { json } = await ask('GET', `/v1/webhooks?limit=1000&cursor=${cursor}`)
    pages.push(json.webhooks.map(({ id }: { id: string }) => id))
    cursor = json.next ?? ''
  } while (cursor !== '')
  expect(pages).toEqual([ids.slice(0, 4), ids.slice(4, 8), ids.slice(8)])
  const listed: string[] = []
  for await (const { id } of new SwitchhookClient({ url }).webhooks.list({}, 1000)) listed.push(id)
  expect(listed).toEqual(ids)
})

test.each([
  [1, COUNT],
  [2, 5],
  [COUNT - 1, 2],
  [COUNT, 1],
  [COUNT + 1, 1],
])('with %i on a page, %i small ones are on so many', async (limit, expected) => {
  const { ask, url } = await startManaged('')
  for (let index = 0; index < COUNT; index += 1) await ask('PUT', `/v1/webhooks/w${index}`, feed('http://127.0.0.1:9'))
  let pages = 0
  for (let cursor: string | null = null, isFirst = true; isFirst || cursor !== null; isFirst = false) {
    const page = await new SwitchhookClient({ url }).webhooks.page({}, limit, cursor)
    pages += 1
    cursor = page.next
  }
  expect(pages).toBe(expected)
})
