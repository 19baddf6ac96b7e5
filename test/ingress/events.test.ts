/** `POST /v1/events`: every way in which one event or several can come, and what is answered. */
import { CloudEvent, HTTP } from 'cloudevents'
import { describe, expect, test } from 'vitest'
import { SwitchhookError } from '../../src/errors.ts'
import { post, problemOf, run } from './recording.ts'

const JSON_TYPE = 'application/json'

describe('one event', () => {
  test('of the CloudEvents SDK arrives unchanged in structured and binary mode', async () => {
    await using server = await run()
    const event = new CloudEvent({
      id: 'e-1',
      source: '/switch/7',
      type: 'call.end',
      subject: 'call-é-1',
      time: '2019-03-28T00:05:00.000Z',
      account: 'acme',
      data: { ani: '5551234567', nested: { talk: 3 } },
    })
    for (const message of [HTTP.structured(event), HTTP.binary(event)]) {
      const headers = Object.fromEntries(Object.entries(message.headers).map(([name, value]) => [name, String(value)]))
      const contentType = String(message.headers['content-type'])
      const response = await post(`${server.url}/v1/events`, contentType, String(message.body), {
        ...headers,
        'content-type': contentType,
      })
      expect(response.status).toBe(202)
      expect(await response.json()).toEqual({
        accepted: [{ index: 0, id: 'e-1', deliveries: 1 }],
        duplicates: [],
        rejected: [],
      })
    }
    const expected = {
      id: 'e-1',
      hasOwnId: true,
      source: '/switch/7',
      type: 'call.end',
      subject: 'call-é-1',
      account: 'acme',
      time: '2019-03-28T00:05:00.000Z',
      traceparent: '',
      data: { ani: '5551234567', nested: { talk: 3 } },
    }
    expect(server.engine.accepted).toEqual([expected, expected])
  })

  test('in binary mode may have percent-encoded, quoted and raw UTF-8 header values', async () => {
    await using server = await run()
    const raw = Buffer.from('größe').toString('latin1')
    await post(`${server.url}/v1/events`, JSON_TYPE, '{}', {
      'ce-type': 'a%20b%E2%82%AC',
      'ce-subject': '"x\\"y%zz"',
      'ce-source': raw,
    })
    expect(server.engine.accepted[0]).toMatchObject({ type: 'a b€', subject: 'x"y%zz', source: 'größe' })
  })

  test('needs nothing but a type; the rest has its defaults', async () => {
    await using server = await run()
    const response = await post(`${server.url}/v1/events`, JSON_TYPE, '{"type":"call.end"}')
    expect(response.status).toBe(202)
    const [event] = server.engine.accepted
    expect(event).toMatchObject({ hasOwnId: false, source: '/', subject: '', account: 'default', time: '', data: {} })
    expect(event?.id).toMatch(/^[0-9a-f-]{36}$/)
  })

  test.each([
    ['a JSON object', JSON_TYPE, '{"ani":"1","n":2}', { ani: '1', n: 2 }],
    [
      'a form',
      'application/x-www-form-urlencoded',
      'ani=1&from.number=444&t=a&t=b',
      { ani: '1', from: { number: '444' }, t: ['a', 'b'] },
    ],
    [
      'a form in another charset',
      'application/x-www-form-urlencoded; charset=iso-8859-1',
      'n=Jos%E9+B',
      { n: 'José B' },
    ],
    ['no body', '', '', {}],
  ])('may have its attributes in the query and %s as data', async (_name, contentType, body, data) => {
    await using server = await run()
    const query = 'type=call.end&subject=c%201&account=acme&id=9&source=s&time='
    const response = await post(
      `${server.url}/v1/events?${query}`,
      contentType,
      contentType === '' ? new Uint8Array() : body,
    )
    expect(response.status).toBe(202)
    expect(server.engine.accepted[0]).toMatchObject({
      type: 'call.end',
      subject: 'c 1',
      account: 'acme',
      id: '9',
      source: 's',
      time: '',
      data,
    })
  })

  test('keeps the digits of integers beyond 2^53, and odd names', async () => {
    await using server = await run()
    const text =
      '{"type":"t","data":{"big":12345678901234567890,"ok":9007199254740991,"huge":1e999,"__proto__":{"x":1},"constructor":2}}'
    await post(`${server.url}/v1/events`, JSON_TYPE, text)
    const data = server.engine.accepted[0]?.data ?? {}
    expect(Object.keys(data)).toEqual(['big', 'ok', 'huge', '__proto__', 'constructor'])
    expect(data).toMatchObject({ big: '12345678901234567890', ok: 9007199254740991, huge: '1e999' })
    expect(Reflect.get({}, 'x')).toBeUndefined()
  })

  test('may have its data in Base64', async () => {
    await using server = await run()
    const encoded = Buffer.from('{"ani":"1"}').toString('base64')
    await post(
      `${server.url}/v1/events`,
      'application/cloudevents+json',
      JSON.stringify({ type: 't', data_base64: encoded }),
    )
    expect(server.engine.accepted[0]?.data).toEqual({ ani: '1' })
  })

  test('takes its trace from itself, else from the request; a bad one is dropped', async () => {
    await using server = await run()
    const own = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
    const outer = '00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-00f067aa0ba902b7-00'
    const send = (traceparent: string, header: string) =>
      post(`${server.url}/v1/events`, JSON_TYPE, JSON.stringify({ type: 't', traceparent }), { traceparent: header })
    await send(own, outer)
    await send('00-00000000000000000000000000000000-00f067aa0ba902b7-01', outer)
    await send('x', 'y')
    expect(server.engine.accepted.map(({ traceparent }) => traceparent)).toEqual([own, outer, ''])
  })

  test('with bytes that are not UTF-8 is kept, and they are counted', async () => {
    await using server = await run()
    const body = Buffer.concat([
      Buffer.from('{"type":"t","data":{"n":"a\u{FFFD}'),
      Buffer.from([0xe2, 0x82, 0x41, 0xff]),
      Buffer.from('"}}'),
    ])
    expect((await post(`${server.url}/v1/events`, JSON_TYPE, body)).status).toBe(202)
    expect(server.engine.accepted[0]?.data).toEqual({ n: 'a\u{FFFD}\u{FFFD}A\u{FFFD}' })
    expect(server.metrics.replaced).toBe(3)
  })

  test('in the charset that its content type names is read by that', async () => {
    await using server = await run()
    const body = Buffer.from('{"type":"t","data":{"n":"é"}}', 'latin1')
    await post(`${server.url}/v1/events`, 'application/json; charset="ISO-8859-1"', body)
    await post(
      `${server.url}/v1/events`,
      'application/json; charset=euc-jp',
      Buffer.from('{"type":"t","data":{"n":"\xff"}}', 'latin1'),
    )
    expect(server.engine.accepted.pop()?.data).toEqual({ n: '\u{FFFD}' })
    expect(server.metrics.replaced).toBe(1)
    const utf16 = Buffer.from('\u{FEFF}{"type":"t","data":{"n":"é"}}', 'utf16le')
    await post(`${server.url}/v1/events`, 'application/json; charset=utf-16le', utf16)
    expect(server.engine.accepted.map(({ data }) => data)).toEqual([{ n: 'é' }, { n: 'é' }])
    expect(server.metrics.replaced).toBe(1)
  })
})

describe('a refused event', () => {
  test.each([
    ['malformed JSON', JSON_TYPE, '{"type":"t",\n "data":{"a":}}', /^line 2, column 14: /],
    ['JSON that is no object', JSON_TYPE, '"x"', /^an event must be a JSON object$/],
    ['data without an envelope', JSON_TYPE, '{"ani":"1"}', /put the data points into its member data/],
    ['no type', JSON_TYPE, '{"id":"1"}', /^type is missing/],
    ['an id that is no text', JSON_TYPE, '{"type":"t","id":1}', /^id must be text/],
    ['another specversion', JSON_TYPE, '{"type":"t","specversion":"0.3"}', /^specversion must be "1\.0"/],
    ['data that is no object', JSON_TYPE, '{"type":"t","data":[1]}', /^data must be a JSON object/],
    ['both kinds of data', JSON_TYPE, '{"type":"t","data":{},"data_base64":"e30="}', /not both$/],
    ['bad Base64', JSON_TYPE, '{"type":"t","data_base64":"e30"}', /must be Base64/],
    [
      'Base64 of something else',
      JSON_TYPE,
      '{"type":"t","data_base64":"e30=","datacontenttype":"text/xml"}',
      /where datacontenttype is JSON/,
    ],
    ['a time that is none', JSON_TYPE, '{"type":"t","time":"2019-02-29T00:00:00Z"}', /RFC 3339/],
    ['a control character', JSON_TYPE, '{"type":"t","subject":"a\\u0007"}', /control characters/],
    ['half a surrogate pair', JSON_TYPE, '{"type":"t","subject":"a\\ud800"}', /half surrogates/],
    ['an empty body', JSON_TYPE, '', /^line 1, column 1: /],
    [
      'JSON sent as a form',
      'application/x-www-form-urlencoded',
      '{"type":"t"}',
      /set content-type to application\/json/,
    ],
  ])('with %s is answered with 400, the lists and why', async (_name, contentType, body, detail) => {
    await using server = await run()
    const response = await post(`${server.url}/v1/events`, contentType, body)
    expect(response.status).toBe(400)
    const problem = await problemOf(response)
    expect(problem).toMatchObject({
      name: 'events-rejected',
      detail: expect.stringMatching(detail),
      accepted: [],
      duplicates: [],
    })
    expect(problem['rejected']).toEqual([{ index: 0, detail: problem['detail'] }])
    expect(server.engine.accepted).toEqual([])
    expect(server.metrics.refusedTypes).toHaveLength(1)
  })

  test.each([
    ['id', 1024],
    ['source', 1024],
    ['subject', 1024],
    ['type', 255],
    ['account', 200],
  ])('has %s longer than %i characters, or empty', async (name, limit) => {
    await using server = await run()
    const send = async (value: string) =>
      (await post(`${server.url}/v1/events`, JSON_TYPE, JSON.stringify({ type: 't', [name]: value }))).status
    expect([await send('a'), await send('a'.repeat(limit))]).toEqual([202, 202])
    expect([await send(''), await send('a'.repeat(limit + 1))]).toEqual([400, 400])
  })

  test('nests deeper than 64 levels', async () => {
    await using server = await run()
    const nested = (levels: number) => `{"type":"t","data":{"a":${'['.repeat(levels - 2)}${']'.repeat(levels - 2)}}}`
    expect((await post(`${server.url}/v1/events`, JSON_TYPE, nested(64))).status).toBe(202)
    const response = await post(`${server.url}/v1/events`, JSON_TYPE, nested(65))
    expect(await problemOf(response)).toMatchObject({ detail: 'the JSON nests deeper than 64 levels' })
    const hostile = await post(
      `${server.url}/v1/events`,
      JSON_TYPE,
      `{"type":"t","data":{"a":12345678901234567890,"b":${'['.repeat(400_000)}`,
    )
    expect(hostile.status).toBe(400)
  })
})

describe('the query form is refused', () => {
  test.each([
    ['an unknown parameter', 'type=t&sujbect=1', JSON_TYPE, '{}', 422, 'query.sujbect'],
    ['a repeated attribute', 'type=t&type=u', JSON_TYPE, '{}', 422, 'query.type'],
    ['a CloudEvent', 'type=t', 'application/cloudevents+json', '{"type":"t"}', 422, 'query'],
    ['NDJSON', 'type=t', 'application/x-ndjson', '{"type":"t"}', 422, 'query'],
  ])('with %s', async (_name, query, contentType, body, status, path) => {
    await using server = await run()
    const response = await post(`${server.url}/v1/events?${query}`, contentType, body)
    expect(response.status).toBe(status)
    expect(await problemOf(response)).toMatchObject({ name: 'invalid-request', errors: [{ path }] })
  })
})

describe('what the engine says', () => {
  test('a duplicate is answered as one', async () => {
    await using server = await run()
    server.engine.answerEvent = () => ({ kind: 'duplicate' })
    const response = await post(`${server.url}/v1/events`, JSON_TYPE, '{"type":"t","id":"7"}')
    expect(response.status).toBe(202)
    expect(await response.json()).toEqual({ accepted: [], duplicates: [{ index: 0, id: '7' }], rejected: [] })
  })

  test('a full outbox gives 429 with retry-after', async () => {
    await using server = await run()
    server.engine.answerEvent = () => ({
      kind: 'rejected',
      detail: 'the outbox is full',
      retryable: true,
      retryAfterMs: 2500,
    })
    const response = await post(`${server.url}/v1/events`, JSON_TYPE, '{"type":"t"}')
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '3'])
    const rejected = [{ index: 0, detail: 'the outbox is full', retryable: true }]
    expect(await problemOf(response)).toMatchObject({ name: 'overloaded', detail: 'the outbox is full', rejected })
  })

  test('a store that can not write gives 503 with retry-after', async () => {
    await using server = await run()
    server.engine.failure = new SwitchhookError('unavailable', 'the store cannot write')
    const response = await post(`${server.url}/v1/events`, JSON_TYPE, '{"type":"t"}')
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1'])
    expect(await problemOf(response)).toMatchObject({ name: 'unavailable', detail: 'the store cannot write' })
  })

  test('a broken engine gives 503, is logged, and tells nothing of its inside', async () => {
    const messages: string[] = []
    await using server = await run({
      log: { info: () => undefined, error: (_fields, message) => messages.push(message) },
    })
    server.engine.failure = new TypeError('secret inside')
    const response = await post(`${server.url}/v1/events`, JSON_TYPE, '{"type":"t"}')
    expect(response.status).toBe(503)
    expect(await response.text()).not.toContain('secret inside')
    expect(messages).toEqual(['accepting events failed: secret inside'])
  })
})
