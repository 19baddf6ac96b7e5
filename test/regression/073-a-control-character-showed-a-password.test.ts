/**
 * A URL may begin with control characters, which are no part of it. Behind them its user and password were not found, and shown by
 * the API, by `render` and by exports.
 */
import { describe, expect, test } from 'vitest'
import { replaceUserInfo, userInfoIn } from '../../src/compile/credentials.ts'
import { feed, startManaged } from '../management/management-world.ts'

describe.each(['\u0000', '\u001f ', ' \t', '\u0001\u0002'])('behind %j', (before) => {
  test('user and password are hidden', async () => {
    const url = `${before}http://user:planted@127.0.0.1:9`
    const { ask } = await startManaged('')
    const put = await ask('PUT', '/v1/webhooks/own', feed(url, { fallback: { url } }))
    expect(put.status).toBe(201)
    const shown = [put, await ask('GET', '/v1/webhooks/own'), await ask('GET', '/v1/webhooks')]
    const rendered = await ask('POST', '/v1/webhooks/own/render', { data: {} })
    expect(rendered.json.headers).toMatchObject({ authorization: '[secret]' })
    expect(JSON.stringify([...shown, rendered].map(({ json }) => json))).not.toContain('planted')
  })
})

test.each([
  ['https://host/', undefined, 'https://host/'],
  ['https://host/a@b', undefined, 'https://host/a@b'],
  ['https://host?a@b', undefined, 'https://host?a@b'],
  ['https://u:p@host/', 'u:p', 'https://X@host/'],
  ['HTTP://u@p@host', 'u@p', 'HTTP://X@host'],
  ['\u0000http://:p@host', ':p', '\u0000http://X@host'],
  ['https://u:$&@host', 'u:$&', 'https://X@host'],
])('of %j it is %j', (url, userInfo, shown) => {
  expect(userInfoIn(url)).toBe(userInfo)
  expect(replaceUserInfo(url, 'X@')).toBe(shown)
})
