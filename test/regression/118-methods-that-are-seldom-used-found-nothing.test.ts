/**
 * Methods that Node's parser knows and the router did not (PROPFIND, MKCOL, SEARCH) were answered with 404 and without `allow`,
 * where there is something.
 */
import { once } from 'node:events'
import { type IncomingMessage, METHODS, request } from 'node:http'
import { describe, expect, test } from 'vitest'
import { run } from '../ingress/recording.ts'

/** CONNECT asks for no path. */
const ASKED = METHODS.filter((method) => method !== 'CONNECT')

async function ask(method: string, url: string): Promise<Pick<IncomingMessage, 'statusCode' | 'headers'>> {
  const sent = request(url, { method, agent: false })
  const answered = once(sent, 'response')
  sent.end()
  const [answer]: IncomingMessage[] = await answered
  if (answer === undefined) throw new Error('there is no answer')
  answer.resume()
  return answer
}

describe('every other method', () => {
  test.each([
    ['/v1/events', 'POST'],
    ['/v1/webhooks/crm', 'DELETE, GET, HEAD, PUT'],
    ['/v1/webhooks/crm/invoke', 'GET, POST'],
    ['/v1/stats?a=b', 'GET, HEAD'],
    ['/healthz', 'GET, HEAD'],
  ])('on %s gets 405, and what it knows: %s', async (path, allow) => {
    await using server = await run()
    for (const method of ASKED.filter((each) => !allow.split(', ').includes(each))) {
      const { statusCode, headers } = await ask(method, server.url + path)
      expect([method, statusCode, headers.allow]).toEqual([method, 405, allow])
    }
  })

  test('finds nothing where there is nothing', async () => {
    await using server = await run()
    for (const method of ASKED) {
      const { statusCode, headers } = await ask(method, `${server.url}/nowhere`)
      expect([method, statusCode, headers.allow]).toEqual([method, 404, undefined])
    }
  })
})
