/** Batches: arrays of CloudEvents and NDJSON, line by line, whatever the chunks they arrive in. */
import { CloudEvent } from 'cloudevents'
import { describe, expect, test } from 'vitest'
import { post, problemOf, run, sendRaw } from './recording.ts'

const BATCH = 'application/cloudevents-batch+json'
const NDJSON = 'application/x-ndjson'

describe('a batch of CloudEvents', () => {
  test('of the SDK is accepted in order', async () => {
    await using server = await run()
    const events = ['a', 'b', 'c'].map(
      (id) => new CloudEvent({ id, source: '/s', type: 'call.end', data: { n: `{[",${id}\\` } }),
    )
    const response = await post(`${server.url}/v1/events`, BATCH, JSON.stringify(events))
    expect(response.status).toBe(202)
    expect(server.engine.accepted.map(({ id, data }) => [id, data['n']])).toEqual([
      ['a', '{[",a\\'],
      ['b', '{[",b\\'],
      ['c', '{[",c\\'],
    ])
  })

  test('may be a plain JSON array with white space and a byte order mark, and may be empty', async () => {
    await using server = await run()
    const url = `${server.url}/v1/events`
    expect((await post(url, 'application/json', '\u{FEFF} \n[ {"type":"a"} , {"type":"b"} ]\r\n')).status).toBe(202)
    expect(server.engine.accepted.map(({ type }) => type)).toEqual(['a', 'b'])
    const empty = await post(url, BATCH, ' [ ] ')
    expect([empty.status, await empty.json()]).toEqual([202, { accepted: [], duplicates: [], rejected: [] }])
  })

  test('answers each event for itself: accepted, duplicate, rejected here, rejected by the engine', async () => {
    await using server = await run()
    server.engine.answerEvent = ({ id }) => {
      if (id === 'dup') return { kind: 'duplicate' }
      return id === 'full' ? { kind: 'rejected', detail: 'full', retryable: true } : { kind: 'accepted', deliveries: 2 }
    }
    const body = '[{"type":"t","id":"1"},{"type":"t","id":"dup"},{"id":"x"},{"type":tru},{"type":"t","id":"full"},7]'
    const response = await post(`${server.url}/v1/events`, BATCH, body)
    expect(response.status).toBe(202)
    expect(await response.json()).toEqual({
      accepted: [{ index: 0, id: '1', deliveries: 2 }],
      duplicates: [{ index: 1, id: 'dup' }],
      rejected: [
        { index: 2, detail: 'member 3: type is missing: name the kind of event, call.end for example' },
        { index: 3, detail: expect.stringMatching(/^member 4: line 1, column 9: /) },
        { index: 4, detail: 'full', retryable: true },
        { index: 5, detail: 'member 6: an event must be a JSON object' },
      ],
    })
  })

  test.each([
    ['no closing bracket', '[{"type":"t"}'],
    ['a string that never ends', '[{"type":"t}]'],
    ['two commas', '[{"type":"t"},,{"type":"t"}]'],
    ['a comma at the end', '[{"type":"t"},]'],
    ['something behind it', '[{"type":"t"}] x'],
    ['a brace that closes it', '[{"type":"t"}}'],
    ['no array at all', '{"type":"t"}'],
  ])('with %s is refused whole', async (_name, body) => {
    await using server = await run()
    const response = await post(`${server.url}/v1/events`, BATCH, body)
    expect(response.status).toBe(400)
    expect(await problemOf(response)).toMatchObject({ name: 'malformed-body' })
    expect(server.engine.accepted).toEqual([])
  })

  test('of which nothing is accepted is answered with 400, or with 429 where all could be later', async () => {
    await using server = await run()
    server.engine.answerEvent = () => ({ kind: 'rejected', detail: 'full', retryable: true })
    const mixed = await post(`${server.url}/v1/events`, BATCH, '[{"type":"t"},1]')
    expect(await problemOf(mixed)).toMatchObject({
      name: 'events-rejected',
      detail: 'All 2 events were rejected; the first: full',
    })
    const full = await post(`${server.url}/v1/events`, BATCH, '[{"type":"t"},{"type":"t"}]')
    expect([full.status, full.headers.get('retry-after')]).toEqual([429, '1'])
    expect(await problemOf(full)).toMatchObject({
      name: 'overloaded',
      rejected: [{ index: 0 }, { index: 1, retryable: true }],
    })
  })
})

describe('NDJSON', () => {
  test('skips blank lines, counts events, and rejects a bad line alone with its number', async () => {
    await using server = await run()
    const body = '\n{"type":"a","id":"1"}\r\n  \n{"type":}\n{"type":"b","id":"2"}'
    const response = await post(`${server.url}/v1/events`, NDJSON, body)
    expect(await response.json()).toEqual({
      accepted: [
        { index: 0, id: '1', deliveries: 1 },
        { index: 2, id: '2', deliveries: 1 },
      ],
      duplicates: [],
      rejected: [{ index: 1, detail: expect.stringMatching(/^line 4: line 1, column 9: /) }],
    })
  })

  test('is the same whatever the chunks, also where one ends inside of a character', async () => {
    await using server = await run()
    const body = Buffer.from('{"type":"t","data":{"n":"é€😀"}}\n{"type":"t","data":{"n":"b"}}\n')
    const head = `POST /v1/events HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: ${NDJSON}\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n`
    for (let cut = 1; cut < body.length; cut += 1) {
      const answer = await sendRaw(server.url, head, body.subarray(0, cut), body.subarray(cut))
      expect(answer).toContain('202 Accepted')
    }
    const single = Array.from(body, (byte) => Buffer.from([byte]))
    expect(await sendRaw(server.url, head, ...single)).toContain('202 Accepted')
    expect(new Set(server.engine.accepted.map(({ data }) => data['n']))).toEqual(new Set(['é€😀', 'b']))
    expect(server.engine.accepted).toHaveLength(2 * body.length)
  })

  test('in a charset other than UTF-8 is split after decoding', async () => {
    await using server = await run()
    const body = Buffer.from('{"type":"t","data":{"n":"ਊ"}}\n{"type":"u"}', 'utf16le')
    await post(`${server.url}/v1/events`, `${NDJSON}; charset=utf-16le`, body)
    expect(server.engine.accepted.map(({ type, data }) => [type, data])).toEqual([
      ['t', { n: 'ਊ' }],
      ['u', {}],
    ])
  })

  test('of many events goes to the engine in slices, in order, and never holds the loop for long', async () => {
    await using server = await run()
    const lines = Array.from({ length: 20_000 }, (_, index) =>
      JSON.stringify({ type: 't', id: String(index), data: { ani: '5551234567' } }),
    )
    let turns = 0
    const count = setInterval(() => {
      turns += 1
    }, 1)
    const response = await post(`${server.url}/v1/events`, NDJSON, lines.join('\n'))
    clearInterval(count)
    expect(response.status).toBe(202)
    expect(server.engine.accepted.map(({ id }) => Number(id))).toEqual(lines.map((_, index) => index))
    expect(Math.max(...server.engine.slices)).toBeLessThanOrEqual(256)
    expect(turns).toBeGreaterThan(10)
  })
})

describe('a token for several accounts', () => {
  test('must name one of them: the line that does not is rejected', async () => {
    const token = { name: 'switch', secret: 's3cret', may: ['send'] as const, accounts: ['acme', 'beta'] }
    await using server = await run({ tokens: [token] })
    const body = '{"type":"t","account":"acme"}\n{"type":"t"}\n{"type":"t","account":"other"}'
    const response = await post(`${server.url}/v1/events`, NDJSON, body, { authorization: 'Bearer s3cret' })
    expect(await response.json()).toMatchObject({
      accepted: [{ index: 0 }],
      rejected: [
        { index: 1, detail: 'line 2: the token is for several accounts: name one of acme, beta' },
        { index: 2, detail: 'line 3: the token is not for the account other' },
      ],
    })
    const single = await post(`${server.url}/v1/events`, 'application/json', '{"type":"t"}', {
      authorization: 'Bearer s3cret',
    })
    expect(single.status).toBe(403)
    expect(await problemOf(single)).toMatchObject({ name: 'forbidden', rejected: [{ index: 0 }] })
  })
})
