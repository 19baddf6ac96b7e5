/** Compressed bodies: what is understood, what is not, and that a bomb costs no more than a body of the largest size. */
import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { post, problemOf, run } from '../ingress/recording.ts'

const MIB = 1_048_576
const EVENT = '{"type":"t","data":{"n":"é"}}'

/** An event of exactly so many bytes that does not compress much: half of it is noise. */
function eventOf(bytes: number, seed = 1): string {
  const frame = '{"type":"t","data":{"n":""}}'
  let noise = ''
  for (let state = seed; noise.length < bytes / 2; state = (state * 48_271) % 2_147_483_647) noise += state.toString(36)
  return frame.replace('""', `"${noise.padEnd(bytes - frame.length, 'x').slice(0, bytes - frame.length)}"`)
}

/** A batch of exactly so many bytes, at least 8 million. */
function arrayOf(bytes: number): string {
  const events = Array.from({ length: 80 }, (_, index) => eventOf(100_000, index + 1))
  return `${`[${events.join(',')}`.padEnd(bytes - 1)}]`
}

const CODINGS: readonly [coding: string, compress: (bytes: Buffer) => Buffer][] = [
  ['gzip', (bytes) => gzipSync(bytes)],
  ['x-gzip', (bytes) => gzipSync(bytes)],
  ['GZIP', (bytes) => gzipSync(bytes)],
  ['deflate', (bytes) => deflateSync(bytes)],
  ['deflate', (bytes) => deflateRawSync(bytes)],
  ['br', (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } })],
  ['identity', (bytes) => bytes],
]

describe.each(CODINGS)('a body in %s', (coding, compress) => {
  const send = (url: string, contentType: string, body: string) =>
    post(url, contentType, new Uint8Array(compress(Buffer.from(body))), { 'content-encoding': coding })

  test('is read like any other', async () => {
    await using server = await run()
    expect((await send(`${server.url}/v1/events`, 'application/json', EVENT)).status).toBe(202)
    expect((await send(`${server.url}/v1/events`, 'application/x-ndjson', `${EVENT}\n${EVENT}`)).status).toBe(202)
    expect((await send(`${server.url}/v1/webhooks/crm/invoke`, 'application/json', EVENT)).status).toBe(200)
    expect(server.engine.accepted.map(({ data }) => data)).toEqual([{ n: 'é' }, { n: 'é' }, { n: 'é' }])
  })

  test.each([
    ['one event', 'application/json', MIB, (bytes: number) => eventOf(bytes)],
    ['a plain array', 'application/json', 8 * MIB, arrayOf],
    ['NDJSON', 'application/x-ndjson', 8 * MIB, (bytes: number) => `${eventOf(200_000)}\n`.padEnd(bytes, '\n')],
  ])('of %s has the limit that it has without', async (_name, contentType, limit, body) => {
    await using server = await run()
    expect((await send(`${server.url}/v1/events`, contentType, body(limit))).status).toBe(202)
    const refused = await send(`${server.url}/v1/events`, contentType, body(limit + 1))
    expect(await problemOf(refused)).toMatchObject({ status: 413, detail: `The body may have up to ${limit} bytes` })
  })
})

describe('a bomb', () => {
  const zeros = (mib: number) => Buffer.alloc(mib * MIB)
  test.each([
    ['gzip', gzipSync(zeros(64))],
    ['deflate', deflateSync(zeros(64))],
    ['br', brotliCompressSync(zeros(64), { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } })],
    ['gzip', gzipSync(Buffer.from(`{"type":"t","data":{"n":"${'x'.repeat(MIB - 100)}"}}`))],
    ['gzip', Buffer.concat(Array.from({ length: 200 }, () => gzipSync(zeros(1))))],
  ])('in %s is refused while it is decompressed, and the room is given back', async (coding, bomb) => {
    await using server = await run({ limits: { heldBytes: 9 * MIB } })
    for (let round = 0; round < 3; round += 1) {
      const headers = { 'content-encoding': coding }
      const refused = await post(`${server.url}/v1/events`, 'application/x-ndjson', new Uint8Array(bomb), headers)
      expect(await problemOf(refused)).toMatchObject({ status: 413, name: 'too-large' })
    }
    expect((await post(`${server.url}/v1/events`, 'application/json', EVENT)).status).toBe(202)
  })

  test('is told by its ratio, 200, from 64 KiB on', async () => {
    await using server = await run()
    const send = (length: number) =>
      post(`${server.url}/v1/events`, 'application/x-ndjson', new Uint8Array(gzipSync('{"type":"t"}'.padEnd(length))), {
        'content-encoding': 'gzip',
      })
    expect((await send(65_536)).status).toBe(202)
    const refused = await send(1_000_000)
    expect((await problemOf(refused))['detail']).toContain('more than 200 times larger')
  })

  test('finds no room where others hold it', async () => {
    await using server = await run({ limits: { heldBytes: 50_000 } })
    const refused = await post(`${server.url}/v1/events`, 'application/json', new Uint8Array(gzipSync(EVENT)), {
      'content-encoding': 'gzip',
    })
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
  })
})

describe('a compressed body', () => {
  const gzipped = gzipSync(EVENT)
  test.each<[name: string, coding: string, body: Buffer]>([
    ['that is not compressed', 'gzip', Buffer.from(EVENT)],
    ['of another coding', 'br', gzipped],
    ['that is cut off', 'gzip', gzipped.subarray(0, -4)],
    ['with a wrong checksum', 'gzip', Buffer.concat([gzipped.subarray(0, -8), Buffer.alloc(8)])],
    ['with something behind it', 'deflate', Buffer.concat([deflateSync(EVENT), Buffer.from('trash')])],
    ['with something else behind it', 'gzip', Buffer.concat([gzipped, Buffer.from('trash')])],
    ['that is empty', 'gzip', Buffer.alloc(0)],
  ])('%s is malformed', async (_name, coding, body) => {
    await using server = await run()
    const headers = { 'content-encoding': coding }
    const refused = await post(`${server.url}/v1/events`, 'application/json', new Uint8Array(body), headers)
    expect(await problemOf(refused)).toMatchObject({ status: 400, name: 'malformed-body' })
  })

  test.each(['gzip, gzip', 'zstd', 'compress', 'gzip;q=1', 'chunked'])('in %s is not understood', async (coding) => {
    await using server = await run()
    const headers = { 'content-encoding': coding }
    const refused = await post(`${server.url}/v1/events`, 'application/json', new Uint8Array(gzipped), headers)
    expect(refused.headers.get('accept-encoding')).toBe('gzip, deflate, br')
    expect(await problemOf(refused)).toMatchObject({
      status: 415,
      detail: expect.stringContaining('gzip, deflate, br'),
    })
  })

  test('of several members is read as one (RFC 1952, 2.2)', async () => {
    await using server = await run()
    const members = Buffer.concat([gzipSync(`${EVENT}\n`), gzipSync(EVENT)])
    const headers = { 'content-encoding': 'gzip' }
    await post(`${server.url}/v1/events`, 'application/x-ndjson', new Uint8Array(members), headers)
    expect(server.engine.accepted).toHaveLength(2)
  })

  test('waits for its turn where many come at once', async () => {
    await using server = await run({ limits: { inflations: 1 } })
    const headers = { 'content-encoding': 'gzip' }
    const answers = await Promise.all(
      Array.from({ length: 30 }, () =>
        post(`${server.url}/v1/events`, 'application/json', new Uint8Array(gzipped), headers),
      ),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]))
    expect(server.engine.accepted).toHaveLength(30)
  })
})
