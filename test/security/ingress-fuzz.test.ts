/**
 * The whole API against mutated requests: every route, methods, paths, heads and bodies from a corpus of good and hostile
 * parts, seeded, over kept connections, with a real engine behind it. `FUZZ_REQUESTS` makes it longer, `FUZZ_SEED` other.
 */
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { startWorld } from '../e2e/world.ts'
import { DOCUMENTED, faultIn as documentedFault } from '../openapi/api-document.ts'
import { collectGarbage } from '../setup/collect-garbage.ts'
import { Receiver } from '../worker/receiver.ts'
import { type Call, call, mutated, targetOf } from './mutated-requests.ts'

const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? 10_000)
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_190_328)
/** Requests in flight at once. */
const LANES = 16

/** Statuses that the contract names; 503 only with `Retry-After`. */
const STATUSES = new Set([
  ...[200, 201, 202, 204, 304, 400, 401, 403, 404, 405, 408, 409, 412, 413, 414, 415, 417, 421, 422, 429, 431, 503],
])

const CONFIG = (origin: string): string => `
workers: 0
store: { engine: memory }
auth:
  tokens:
    - { name: all, secret: { env: ALL }, may: [send, invoke, read, manage] }
    - { name: acme, secret: { env: ACME }, may: [send, read], accounts: [acme, beta] }
webhooks:
  - { id: crm, profile: custom, on: [call.end], url: '${origin}/%ani%?q=%ani%', body: '{"a": %ani%, "b": "%called_number%"}', headers: { x-a: '%ani%' } }
  - { id: ask, profile: vcc-live-ivr, url: '${origin}/ask', method: POST, body: '{"a": "\${a}"}', contentType: json }
  - { id: ivr, profile: dialogtech-ivr, url: '${origin}/ivr', params: { a: ani } }
  - { id: acme-crm, account: acme, profile: custom, url: '${origin}/acme' }
`

test(`${REQUESTS} mutated requests get answers that the contract knows, and leave nothing behind`, {
  timeout: 600_000,
}, async () => {
  await using receiver = await Receiver.start()
  receiver.answer = (_, response) => {
    receiver.received.length = 0
    response.setHeader('content-type', 'application/json')
    response.end('{"a":"b"}')
  }
  const world = await startWorld(CONFIG(receiver.origin), { ALL: 'all-secret', ACME: 'acme-secret' })
  const agent = new Agent({ keepAlive: true, maxSockets: LANES })
  const { port } = new URL(world.url)
  const statuses = new Map<number, number>()
  const wrong: unknown[] = []

  const send = (each: Call) =>
    new Promise<void>((resolve) => {
      const method = each.method || each.route.method
      const headers = {
        ...Object.fromEntries(each.fields),
        authorization: each.authorization,
        'content-length': String(each.body.length),
      }
      const note = (what: object) => {
        wrong.push({ method, path: targetOf(each), headers, body: each.body.toString('latin1').slice(0, 500), ...what })
        resolve()
      }
      const asked = request({ host: '127.0.0.1', port, agent, method, path: targetOf(each), headers, timeout: 60_000 })
      asked.on('timeout', () => asked.destroy(new Error('no answer')))
      asked.on('error', (error) => note({ error: error.message }))
      asked.on('response', (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        const judge = () => {
          const status = response.statusCode ?? 0
          statuses.set(status, (statuses.get(status) ?? 0) + 1)
          const text = Buffer.concat(chunks).toString()
          const fault =
            faultIn(status, response.headers, text, method) ?? faultByDocument(each, status, response.headers, text)
          if (fault === undefined) resolve()
          else note({ status, fault, text: text.slice(0, 300) })
        }
        // A stream has no end; it is read no further than its first bytes.
        if (response.headers['content-type'] !== 'text/event-stream') response.on('end', judge)
        else response.once('data', () => judge()).once('data', () => response.destroy())
      })
      asked.end(each.body)
    })

  const calls = fc.sample(call, { numRuns: REQUESTS, seed: SEED })
  const heapBytes: number[] = []
  for (let begin = 0; begin < calls.length; begin += REQUESTS / 5) {
    const part = calls.slice(begin, begin + REQUESTS / 5)
    await Promise.all(
      Array.from({ length: LANES }, async () => {
        for (let next = part.pop(); next !== undefined; next = part.pop()) await send(next)
      }),
    )
    collectGarbage()
    heapBytes.push(process.memoryUsage().heapUsed)
  }
  agent.destroy()
  expect(wrong.slice(0, 5)).toEqual([])
  expect([...statuses.values()].reduce((sum, count) => sum + count, 0)).toBe(REQUESTS)
  // Enough got past the door for it to mean something.
  for (const status of [200, 202, 400, 404, 422]) expect(statuses.get(status) ?? 0).toBeGreaterThan(REQUESTS / 200)
  // What is accepted is kept in memory; beside it nothing grows with the requests.
  const perRequest = ((heapBytes.at(-1) ?? 0) - (heapBytes[1] ?? 0)) / (REQUESTS * 0.6)
  expect(perRequest).toBeLessThan(4096)
  expect(world.logged.filter(({ message }) => message.startsWith('a request failed'))).toEqual([])
  expect((await fetch(`${world.url}/healthz`)).status).toBe(200)
})

test('heads of mutated bytes are answered or dropped, one answer a request, and never with 5xx', {
  timeout: 300_000,
}, async () => {
  const world = await startWorld(CONFIG('http://127.0.0.1:9'), { ALL: 'all-secret', ACME: 'acme-secret' })
  const { port } = new URL(world.url)
  const head = fc.constantFrom(
    'POST /v1/events HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer all-secret\r\ncontent-type: application/json\r\ncontent-length: 19\r\n\r\n{"type":"call.end"}',
    'POST /v1/events HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer all-secret\r\ncontent-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n13;x=y\r\n{"type":"call.end"}\r\n0\r\n\r\n',
    'GET /v1/webhooks/ask/invoke?a=1&b.c=2 HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer all-secret\r\naccept: */*\r\n\r\n',
  )
  const hostile = fc.constantFrom(
    '\r\n',
    '\n',
    '\r',
    ' ',
    '\t',
    ':',
    '\0',
    '\xff',
    'content-length: 5\r\n',
    'transfer-encoding: chunked\r\n',
    'HTTP/1.0',
    'expect: 100-continue\r\n',
    'connection: close\r\n',
    'upgrade: x\r\n',
    'ffffffff\r\n',
    '0\r\n\r\n',
  )
  const bytes = fc
    .array(fc.tuple(mutated(head), fc.nat(), fc.option(hostile)), { minLength: 1, maxLength: 3 })
    .map((heads) =>
      heads
        .map(([text, at, piece]) =>
          piece === null ? text : text.slice(0, at % text.length) + piece + text.slice(at % text.length),
        )
        .join(''),
    )
  const samples = fc.sample(bytes, { numRuns: Math.ceil(REQUESTS / 10), seed: SEED })
  const wrong: unknown[] = []
  await Promise.all(
    Array.from({ length: LANES }, async () => {
      for (let text = samples.pop(); text !== undefined; text = samples.pop()) {
        const answer = await exchange(Number(port), Buffer.from(text, 'latin1'))
        const answers = answer.match(/HTTP\/1\.1 \d{3} /g) ?? []
        const asked = text.match(/HTTP\/1/g)?.length ?? 0
        if (answers.length > asked + 1 || answers.some((each) => / 5(?!03)/.test(each))) wrong.push({ text, answer })
      }
    }),
  )
  expect(wrong.slice(0, 3)).toEqual([])
  expect((await fetch(`${world.url}/healthz`)).status).toBe(200)
})

/** Sends and takes what comes until nothing more does. */
function exchange(port: number, bytes: Buffer): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    let answer = ''
    socket.on('data', (chunk) => {
      answer += String(chunk)
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(answer))
    // What waits for more of a body sees that none comes.
    socket.end(bytes)
    socket.setTimeout(15_000, () => socket.destroy(new Error('hangs')))
  })
}

/** What the API's document says is wrong with the answer to a request of one of its operations, if anything. */
function faultByDocument(
  { route, method, path }: Call,
  status: number,
  headers: Readonly<Record<string, unknown>>,
  text: string,
): string | undefined {
  const operation = DOCUMENTED.find((each) => each.method === route.method && each.path === route.path)
  if (method !== '' || path !== '') return undefined
  return operation === undefined ? 'no operation' : documentedFault(operation, { status, headers, text })
}

/** What is wrong with an answer, if anything. */
function faultIn(
  status: number,
  headers: Readonly<Record<string, unknown>>,
  text: string,
  method: string,
): string | undefined {
  if (!STATUSES.has(status)) return 'unknown status'
  if (headers['x-content-type-options'] !== 'nosniff') return 'no security headers'
  if ((status === 503 || status === 429) && headers['retry-after'] === undefined) return 'no retry-after'
  if (status < 400 || method === 'HEAD') return undefined
  if (!String(headers['content-type']).startsWith('application/problem+json')) return 'no problem'
  try {
    const problem: unknown = JSON.parse(text)
    const isWhole =
      typeof problem === 'object' &&
      problem !== null &&
      'status' in problem &&
      problem.status === status &&
      'detail' in problem
    return isWhole ? undefined : 'not whole'
  } catch {
    return 'no JSON'
  }
}
