/**
 * The etag was made of what is stored alone, so that the same gave the same again: whoever could put a webhook could put one guess of its
 * secret after the other, and saw by the etag which one it had been before. A condition held as well after two changes as after none.
 */
import { expect, test } from 'vitest'
import { feed, startManaged } from '../management/management-world.ts'

test('what is put again after something else has another etag', async () => {
  const { ask } = await startManaged('')
  const put = (password: string, headers = {}) =>
    ask('PUT', '/v1/webhooks/crm', feed(`http://user:${password}@127.0.0.1:9`), { headers })
  const { etag } = (await put('secret')).json
  expect((await put('secret')).json.etag).toBe(etag)
  expect((await put('guess')).json.etag).not.toBe(etag)
  expect((await put('secret')).json.etag).not.toBe(etag)
  expect((await put('other', { 'if-match': etag })).status).toBe(412)
})
