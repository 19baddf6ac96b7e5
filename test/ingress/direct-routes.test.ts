/** The short way to a route: what is spelled as documented, and nothing that Fastify would read otherwise. */
import { describe, expect, test } from 'vitest'
import { compileDirectRoutes } from '../../src/ingress/http/direct-routes.ts'
import type { Route } from '../../src/ingress/route.ts'

function route(method: Route['method'], path: string): Route {
  return { method, path, right: 'open', answersHead: false, handle: async () => 'gone' }
}

const EVENTS = route('POST', '/v1/events')
const INVOKE = route('POST', '/v1/webhooks/{id}/invoke')
const INVOKE_BY_GET = route('GET', '/v1/webhooks/{id}/invoke')
const find = compileDirectRoutes([route('GET', '/v1/webhooks'), EVENTS, INVOKE, INVOKE_BY_GET])

describe('compileDirectRoutes', () => {
  test.each([
    { method: 'POST', target: '/v1/events', found: { route: EVENTS, id: '' } },
    { method: 'POST', target: '/v1/events?type=call.end', found: { route: EVENTS, id: '' } },
    { method: 'POST', target: '/v1/webhooks/ask/invoke', found: { route: INVOKE, id: 'ask' } },
    { method: 'GET', target: '/v1/webhooks/a-1_B/invoke?from=/invoke', found: { route: INVOKE_BY_GET, id: 'a-1_B' } },
    { method: 'POST', target: '/v1/webhooks/events/invoke', found: { route: INVOKE, id: 'events' } },
    { method: 'POST', target: `/v1/webhooks/${'a'.repeat(64)}/invoke`, found: { route: INVOKE, id: 'a'.repeat(64) } },
  ])('finds $method $target', ({ method, target, found }) => {
    expect(find(method, target)).toEqual(found)
  })

  test.each([
    { method: 'GET', target: '/v1/events' },
    { method: 'POST', target: '/v1/events/' },
    { method: 'POST', target: '/v1/event' },
    { method: 'POST', target: '/v1/events#x' },
    { method: 'POST', target: '/v1/%65vents' },
    { method: 'POST', target: 'http://localhost/v1/events' },
    { method: 'POST', target: '/v1/webhooks/invoke' },
    { method: 'POST', target: '/v1/webhooks//invoke' },
    { method: 'POST', target: '/v1/webhooks/a%2Fb/invoke' },
    { method: 'POST', target: '/v1/webhooks/a/b/invoke' },
    { method: 'POST', target: '/v1/webhooks/a#/invoke' },
    { method: 'POST', target: '/v1/webhooks/a?/invoke' },
    { method: 'POST', target: `/v1/webhooks/${'a'.repeat(65)}/invoke` },
    { method: 'PUT', target: '/v1/webhooks/ask/invoke' },
    { method: 'POST', target: '*' },
    { method: undefined, target: undefined },
  ])('leaves $method $target to Fastify', ({ method, target }) => {
    expect(find(method, target)).toBeUndefined()
  })
})
