/**
 * Deliveries are for the webhook with an id. Once an account had deleted its webhook, another could take the id, and whatever was
 * retried or replayed then went to that one's server with the first one's calls; so did all that waited where a webhook was moved
 * to another account. The story of such a call showed the other one's request.
 */
import { expect, test } from 'vitest'
import { endOf, feed, startManaged } from '../management/management-world.ts'
import { Receiver } from '../worker/receiver.ts'

const CONFIG = `
auth:
  tokens:
    - { name: acme, secret: { env: ACME }, may: [manage, send], accounts: [acme] }
    - { name: beta, secret: { env: BETA }, may: [manage, send], accounts: [beta] }
    - { name: all, secret: { env: ALL }, may: [manage] }
`
const SECRETS = { ACME: 'acme-secret', BETA: 'beta-secret', ALL: 'all-secret' }
const [acme, beta, all] = [{ token: SECRETS.ACME }, { token: SECRETS.BETA }, { token: SECRETS.ALL }]

async function startTwo() {
  const [first, second] = [await Receiver.start(), await Receiver.start()]
  first.answer = (_request, response) => response.writeHead(500).end()
  const world = await startManaged(CONFIG, SECRETS)
  const send = (call: string, who: { readonly token: string }) => world.ask('POST', '/v1/events', endOf(call), who)
  /** Ids, states and reasons of all deliveries. */
  const deliveries = async (): Promise<readonly (readonly [id: string, state: string, reason: string])[]> => {
    const { json } = await world.ask('GET', '/v1/deliveries', undefined, all)
    return json.deliveries.map(({ id, state, reason = '' }: Record<string, string>) => [id, state, reason])
  }
  const until = async (state: string): Promise<readonly [id: string, state: string, reason: string]> => {
    for (;;) {
      const found = (await deliveries()).find((each) => each[1] === state)
      if (found !== undefined) return found
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
  return { ...world, first, second, send, until, [Symbol.asyncDispose]: () => endBoth(first, second) }
}

async function endBoth(...receivers: readonly Receiver[]): Promise<void> {
  await Promise.all(receivers.map((each) => each[Symbol.asyncDispose]()))
}

test('what one account has left behind is not sent to the server of the next', async () => {
  await using two = await startTwo()
  const { ask, first, second, send, until } = two
  await ask('PUT', '/v1/webhooks/crm', feed(first.origin), acme)
  await send('c1', acme)
  await first.until(() => first.received.length > 0)
  await ask('DELETE', '/v1/webhooks/crm', undefined, acme)
  const [id] = await until('dead')
  await ask('PUT', '/v1/webhooks/crm', feed(second.origin), beta)
  expect((await ask('POST', '/v1/webhooks/crm/replay', {}, all)).json).toEqual({ replayed: 1 })
  expect((await ask('POST', `/v1/deliveries/${id}/retry`, undefined, acme)).status).toBe(202)
  await send('c2', beta)
  await second.until(() => second.received.length > 0)
  expect(await until('dead')).toEqual([id, 'dead', 'webhook-removed'])
  expect(second.received.map(({ body }) => body)).toEqual(['c2'])
  const { json } = await ask('GET', '/v1/calls/c1', undefined, acme)
  expect(JSON.stringify(json)).toContain(id)
  expect(JSON.stringify(json)).not.toContain(second.origin)
})

test('what waits for a webhook stays with its account when that moves', async () => {
  await using two = await startTwo()
  const { ask, first, second, send, until } = two
  await ask('PUT', '/v1/webhooks/crm', feed(first.origin, { account: 'acme' }), all)
  await send('c1', acme)
  await first.until(() => first.received.length > 0)
  const [id] = await until('pending')
  await ask('PUT', '/v1/webhooks/crm', feed(second.origin, { account: 'beta' }), all)
  expect((await ask('POST', `/v1/deliveries/${id}/retry`, undefined, acme)).status).toBe(202)
  expect((await until('dead'))[2]).toBe('webhook-removed')
  // Places and rates are given back: what is the other account's goes out.
  await send('c2', beta)
  await until('delivered')
  expect([first, second].map(({ received }) => received.map(({ body }) => body))).toEqual([['c1'], ['c2']])
})
