/** Invoke and render: one webhook, one event, over every way of saying so, and a client that goes away. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import type { InvokeResult } from '../../src/model/results.ts'
import { INVOKED, post, problemOf, run } from './recording.ts'

const INVOKE = '/v1/webhooks/crm/invoke'
const BACKUP: InvokeResult = {
  deliveryId: 'd2',
  webhook: 'crm',
  decision: { kind: 'backup', reason: 'response-timeout', detail: 'no answer', backup: { route: [1, null] } },
}

describe('invoke', () => {
  test('hands the event to the engine and answers the decision with its headers', async () => {
    await using server = await run()
    const response = await post(`${server.url}${INVOKE}`, 'application/json', '{"subject":"c1","data":{"ani":"1"}}')
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual(INVOKED)
    expect(response.headers.get('switchhook-decision')).toBe('next-action')
    expect(response.headers.get('switchhook-app')).toBe('findme')
    expect(response.headers.has('switchhook-reason')).toBe(false)
    const [invoke] = server.engine.invokes
    expect(invoke).toMatchObject({
      webhookId: 'crm',
      event: { type: 'call.ivr', subject: 'c1', account: 'acme', data: { ani: '1' } },
    })
    expect(invoke?.options.budgetMs).toBeUndefined()
  })

  test('answers backup with its reason, 200 all the same', async () => {
    await using server = await run()
    server.engine.answerInvoke = async () => BACKUP
    const response = await post(`${server.url}${INVOKE}`, 'application/json', '{}')
    expect([
      response.status,
      response.headers.get('switchhook-decision'),
      response.headers.get('switchhook-reason'),
    ]).toEqual([200, 'backup', 'response-timeout'])
    expect(response.headers.has('switchhook-app')).toBe(false)
  })

  test('by GET takes attributes and data points from the query', async () => {
    await using server = await run()
    const query =
      'subject=c1&type=call.x&ani=1&from.number=444&responses.1=5&list.0=a&list.1=b&name=Jos%C3%A9+B&t=1&t=2'
    expect((await fetch(`${server.url}${INVOKE}?${query}`)).status).toBe(200)
    expect(server.engine.invokes[0]?.event).toMatchObject({
      type: 'call.x',
      subject: 'c1',
      data: {
        ani: '1',
        from: { number: '444' },
        responses: { 1: '5' },
        list: ['a', 'b'],
        name: 'José B',
        t: ['1', '2'],
      },
    })
  })

  test('by HEAD is not an invoke', async () => {
    await using server = await run()
    const response = await fetch(`${server.url}${INVOKE}`, { method: 'HEAD' })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, POST'])
    expect(server.engine.invokes).toEqual([])
  })

  test.each([
    [undefined, 'application/json; charset=utf-8'],
    ['*/*', 'application/json; charset=utf-8'],
    ['application/x-www-form-urlencoded', 'application/x-www-form-urlencoded'],
    ['application/json;q=0.5, application/x-www-form-urlencoded', 'application/x-www-form-urlencoded'],
    ['text/html, application/*;q=0.1', 'application/json; charset=utf-8'],
    ['application/json;q=0, */*;q=0.2', 'application/x-www-form-urlencoded'],
    ['text/html', 'application/json; charset=utf-8'],
  ])('with accept %s answers %s', async (accept, contentType) => {
    await using server = await run()
    const headers = accept === undefined ? {} : { accept }
    const response = await post(`${server.url}${INVOKE}`, 'application/json', '{}', headers)
    expect(response.headers.get('content-type')).toBe(contentType)
  })

  test('flattens a decision into a form', async () => {
    await using server = await run()
    const headers = { accept: 'application/x-www-form-urlencoded' }
    const response = await post(`${server.url}${INVOKE}`, 'application/json', '{}', headers)
    expect(Array.from(new URLSearchParams(await response.text()))).toEqual([
      ['deliveryId', 'd1'],
      ['webhook', 'crm'],
      ['decision.kind', 'next-action'],
      ['decision.app', 'findme'],
      ['decision.parameters.phone_list.0', '2223334444'],
      ['decision.parameters.phone_list.1', '5556667777'],
      ['decision.parameters.timeout', '30'],
      ['attempt.status', '200'],
      ['attempt.durationMs', '12.3'],
      ['attempt.bytes', '241'],
    ])
    server.engine.answerInvoke = async () => BACKUP
    const backup = await post(`${server.url}${INVOKE}`, 'application/json', '{}', headers)
    expect(await backup.text()).toContain('decision.backup.route.0=1&decision.backup.route.1=')
  })

  test.each([
    ['wait=3', 3000],
    ['respond-async, wait=10; x=1', 10_000],
    ['wait="2"', 2000],
    ['wait=1, wait=9', 1000],
    ['wait=0', undefined],
    ['wait=x, wait=9', undefined],
    ['wait=-1', undefined],
    ['wait=1.5', undefined],
    ['waiting=3', undefined],
    ['wait=999999999', 999_999_999_000],
    ['wait=1000000000', undefined],
  ])('with prefer %s has a budget of %s ms', async (prefer, budgetMs) => {
    await using server = await run()
    const response = await post(`${server.url}${INVOKE}`, 'application/json', '{}', { prefer })
    expect(response.status).toBe(200)
    expect(server.engine.invokes[0]?.options.budgetMs).toBe(budgetMs)
    expect(response.headers.get('preference-applied')).toBe(budgetMs === undefined ? null : `wait=${budgetMs / 1000}`)
  })

  test('is aborted when its client closes the connection, and then nothing is answered', async () => {
    await using server = await run()
    const aborted = Promise.withResolvers<void>()
    server.engine.answerInvoke = ({ signal }) =>
      new Promise((resolve) => {
        started.resolve()
        signal?.addEventListener('abort', () => {
          aborted.resolve()
          resolve({ ...BACKUP, decision: { kind: 'backup', reason: 'cancelled', detail: 'the caller has gone' } })
        })
      })
    const started = Promise.withResolvers<void>()
    const { hostname, port } = new URL(server.url)
    const socket = connect({ host: hostname, port: Number(port) })
    socket.write(`POST ${INVOKE} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n`)
    await started.promise
    socket.destroy()
    await aborted.promise
    await expect.poll(() => server.metrics.requests).toEqual(['POST /v1/webhooks/{id}/invoke 499'])
  })

  test('that is answered is not aborted when its connection closes later', async () => {
    await using server = await run()
    const { hostname, port } = new URL(server.url)
    const socket = connect({ host: hostname, port: Number(port) })
    socket.write(`POST ${INVOKE} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`)
    socket.resume()
    await once(socket, 'close')
    expect(server.engine.invokes[0]?.options.signal?.aborted).toBe(false)
  })

  test.each([
    ['malformed JSON', 'application/json', '{', 400, 'malformed-body'],
    ['a bad attribute', 'application/json', '{"time":"now"}', 422, 'invalid-event'],
    ['data without an envelope', 'application/json', '{"ani":"1"}', 422, 'invalid-event'],
    ['several events', 'application/x-ndjson', '{}', 415, 'unsupported-media-type'],
    ['an array', 'application/json', '[{}]', 422, 'invalid-event'],
    ['another account', 'application/json', '{"account":"beta"}', 404, 'not-found'],
    ['a name both with and without parts', 'application/x-www-form-urlencoded', 'a=1&a.b=2', 422, 'invalid-event'],
    ['a name both without and with parts', 'application/x-www-form-urlencoded', 'a.b=2&a=1', 422, 'invalid-event'],
  ])('with %s is refused', async (_name, contentType, body, status, name) => {
    await using server = await run()
    const response = await post(`${server.url}${INVOKE}`, contentType, body)
    expect(response.status).toBe(status)
    expect(await problemOf(response)).toMatchObject({ name })
    expect(server.engine.invokes).toEqual([])
  })

  test('names the path of a bad value', async () => {
    await using server = await run()
    const response = await fetch(`${server.url}${INVOKE}?time=now`)
    const detail = 'time must be an RFC 3339 timestamp such as 2019-03-28T00:05:00Z'
    expect(await problemOf(response)).toMatchObject({ status: 422, errors: [{ path: 'time', detail }] })
  })

  test('of an unknown webhook is not found', async () => {
    await using server = await run()
    const response = await post(`${server.url}/v1/webhooks/x%20y/invoke`, 'application/json', '{}')
    expect(await problemOf(response)).toMatchObject({ status: 404, detail: 'There is no webhook "x y"' })
  })
})

describe('render', () => {
  test('shows the request that would be sent', async () => {
    await using server = await run()
    const utf8 = Buffer.from('José').toString('latin1')
    server.engine.rendered = {
      kind: 'request',
      method: 'POST',
      path: '/leads?key=k1',
      headers: ['content-type', 'application/json', 'x-a', utf8, 'X-A', '2', '__proto__', 'x'],
      body: '{"n":"é"}',
    }
    const response = await post(`${server.url}/v1/webhooks/crm/render`, 'application/json', '{"type":"call.end"}')
    expect(response.status).toBe(200)
    expect(await response.text()).toBe(
      '{"method":"POST","url":"https://crm.example.com/leads?key=k1","headers":{"content-type":"application/json","x-a":"José, 2","__proto__":"x"},"body":"{\\"n\\":\\"é\\"}"}',
    )
  })

  test('says why a request can not be sent safely', async () => {
    await using server = await run()
    server.engine.rendered = { kind: 'invalid', detail: 'a path segment would be ..' }
    const response = await post(`${server.url}/v1/webhooks/crm/render`, 'application/json', '{"type":"call.end"}')
    expect(await problemOf(response)).toMatchObject({
      status: 422,
      name: 'unrenderable',
      detail: 'a path segment would be ..',
    })
  })
})
