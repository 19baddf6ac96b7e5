/**
 * A content coding that is not understood was 415 with `accept-encoding` for events alone; a PUT or a command in it was told, with
 * 400, that its body can't be read.
 */
import { expect, test } from 'vitest'
import { problemOf, run } from '../ingress/recording.ts'

test.each([
  ['POST', '/v1/events'],
  ['POST', '/v1/webhooks/crm/invoke'],
  ['POST', '/v1/webhooks/crm/render'],
  ['PUT', '/v1/webhooks/crm'],
  ['POST', '/v1/webhooks/crm/replay'],
  ['POST', '/v1/webhooks/crm/activate'],
  ['POST', '/v1/deliveries/purge'],
  ['POST', '/v1/erase'],
])('%s %s in zstd is of an unsupported type, and what is understood is told', async (method, path) => {
  await using server = await run()
  const headers = { 'content-type': 'application/json', 'content-encoding': 'zstd' }
  const answer = await fetch(server.url + path, { method, headers, body: '{}' })
  expect(answer.headers.get('accept-encoding')).toBe('gzip, deflate, br')
  expect(await problemOf(answer)).toMatchObject({
    status: 415,
    name: 'unsupported-media-type',
    detail: 'The content-encoding must be one of gzip, deflate, br, alone, or left out',
  })
})
