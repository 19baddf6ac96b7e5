/**
 * Names of digits are marked while the body of a PUT is parsed, so that they keep their place. A name that began with the mark by itself
 * was taken for one of them and lost it: `"\u0000name"` was read as `name`, beside which it could stand.
 */
import { expect, test } from 'vitest'
import { feed, startManaged } from '../management/management-world.ts'

test.each([
  ['one that is known without it', '"\\u0000account": "other"', 'account'],
  ['one of digits', '"\\u000010": 1', '10'],
])('a name with the mark is not %s', async (_what, member, read) => {
  const { ask } = await startManaged('')
  const { status, json } = await ask(
    'PUT',
    '/v1/webhooks/own',
    `{ "profile": "custom", "url": "http://127.0.0.1:9", ${member} }`,
  )
  expect(status).toBe(422)
  expect(json.errors).toEqual([expect.objectContaining({ path: `\u0000${read}` })])
})

test('beside names of digits all others stay as they are', async () => {
  const { ask } = await startManaged('')
  const backup = { 10: 'a', '\u000010': 'b', '\u0000\u0000': 'c', 'x\u0000y': 'd', '\\"': 'e', '': 'f' }
  expect((await ask('PUT', '/v1/webhooks/own', feed('http://127.0.0.1:9', { backup }))).status).toBe(201)
  expect((await ask('GET', '/v1/webhooks/own')).json.config.backup).toEqual(backup)
})
