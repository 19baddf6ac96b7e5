/**
 * VCC Live's IVR webhook: "Response" and "Response Requirements and Limits" (vcc-live-ivr-webhook), each limit on both
 * sides, as the switch gets the decision.
 */
import { createServer, type Socket } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Lateness } from '../setup/lateness.ts'
import type { Answerer } from '../worker/receiver.ts'
import { type Data, decide, invoke, listenAt, startPlatform, startReceiver } from './platform-world.ts'

const BACKUP = { process: 'operator' }
const vcc = (url: string, settings: Data = {}) => ({
  id: 'vcc',
  profile: 'vcc-live-ivr',
  method: 'GET',
  url,
  backup: BACKUP,
  ...settings,
})

async function decisionOn(answer: Answerer, settings: Data = {}) {
  const receiver = await startReceiver(answer)
  const world = await startPlatform({ webhooks: [vcc(receiver.origin, settings)] })
  return await decide(world, 'vcc', {}, 'call-1')
}

/** The decision on a body of a content type. */
const decisionFor = (body: string | Buffer, type: string | undefined, settings: Data = {}) =>
  decisionOn((_, response) => {
    if (type !== undefined) response.setHeader('content-type', type)
    response.end(body)
  }, settings)

const JSON_TYPE = 'application/json'
const INI_TYPE = 'text/x-ini'
const set = (variables: Data) => ({ kind: 'set-variables', variables })
const backup = (reason: string, detail: unknown = expect.any(String)) => ({
  kind: 'backup',
  reason,
  detail,
  backup: BACKUP,
})

const keys = (count: number): Readonly<Record<string, string>> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`key${index + 1}`, 'value']))
const ini = (variables: Data): string =>
  Object.entries(variables)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')

describe('Content type is application/JSON or text/JSON', () => {
  test.each(['application/JSON', 'text/JSON', 'application/json; charset=utf-8', 'TEXT/json'])('%s', async (type) => {
    expect(await decisionFor('{\n   "key1": "value",\n   "key2": 123\n}\n', type)).toEqual(
      set({ key1: 'value', key2: 123 }),
    )
  })

  test('values can be BOOLEAN, FLOAT, INT and STRING data', async () => {
    const body = '{"a": true, "b": false, "c": 12.5, "d": -0.001, "e": 123, "f": 0, "g": "text", "h": "", "i": "007"}'
    expect(await decisionFor(body, JSON_TYPE)).toEqual(
      set({ a: true, b: false, c: 12.5, d: -0.001, e: 123, f: 0, g: 'text', h: '', i: '007' }),
    )
  })

  test('an INT beyond what a number holds keeps its digits', async () => {
    expect(await decisionFor('{"a": 9007199254740993, "b": 9007199254740991}', JSON_TYPE)).toEqual(
      set({ a: '9007199254740993', b: 9007199254740991 }),
    )
  })

  test('up to three-level depth objects are read, their keys joined', async () => {
    expect(await decisionFor('{"a": {"b": {"c": 1, "d": "x"}, "e": 2}, "f": 3}', JSON_TYPE)).toEqual(
      set({ a_b_c: 1, a_b_d: 'x', a_e: 2, f: 3 }),
    )
  })

  test.each([
    ['a fourth level', '{"a": {"b": {"c": {"d": 1}}}}'],
    ['null', '{"a": null}'],
    ['an array', '{"a": [1]}'],
    ['no object', '"text"'],
    ['an array of objects', '[{"a": 1}]'],
    ['two keys that meet in one name', '{"a_b": 1, "a": {"b": 2}}'],
    ['one key twice', '{"a": 1, "a": 2}'],
    ['what is no JSON', '{"a": 1'],
    ['nothing', ''],
  ])('%s is backup', async (_, body) => {
    expect(await decisionFor(body, JSON_TYPE)).toEqual(backup('invalid-response'))
  })
})

describe('Content type is text/x-ini', () => {
  test('the example', async () => {
    expect(await decisionFor('key1=value1\nkey2=123\nkey3=true\n', INI_TYPE)).toEqual(
      set({ key1: 'value1', key2: '123', key3: 'true' }),
    )
  })

  test('lines end as they end anywhere, and blank and comment lines are skipped', async () => {
    expect(
      await decisionFor('; a comment\r\nkey1=a=b\r\n\r\n# another\nkey2 = x y \nkey3=', 'Text/X-INI; charset=utf-8'),
    ).toEqual(set({ key1: 'a=b', key2: 'x y', key3: '' }))
  })

  test.each(['key1', '=value', 'key1=a\nkey1=b', '[section]\nkey1=a'])('%j is backup', async (body) => {
    expect(await decisionFor(body, INI_TYPE)).toEqual(backup('invalid-response'))
  })
})

describe('Content type is text/plain (or anything else)', () => {
  const settings = { setVariable: 'vcc_variable' }

  test.each(['text/plain', 'text/html', 'application/xml', undefined])(
    'a single number or string is stored in the variable set before: %s',
    async (type) => {
      expect(await decisionFor('1250', type, settings)).toEqual(set({ vcc_variable: '1250' }))
      expect(await decisionFor(' Freddy Krüger\r\n', type, settings)).toEqual(set({ vcc_variable: 'Freddy Krüger' }))
    },
  )

  test('without such a variable the call goes on', async () => {
    expect(await decisionFor('1250', 'text/plain')).toEqual({ kind: 'continue' })
  })

  test('"Set variable" has the limits of a key name', async () => {
    for (const setVariable of ['Vcc', '1a', 'a-b', 'uuid']) {
      await expect(decisionFor('1', 'text/plain', { setVariable })).rejects.toThrow('webhooks.0.setVariable')
    }
  })
})

describe('If successful, the HTTP response code should be 200 OK', () => {
  test.each([201, 202, 204, 205, 301, 400, 404, 500])('%i is backup', async (status) => {
    const answer: Answerer = (_, response) =>
      response.writeHead(status, { 'content-type': JSON_TYPE, location: '/' }).end('{"a": 1}')
    expect(await decisionOn(answer)).toEqual(backup('status', expect.stringContaining(String(status))))
  })
})

describe('The response can define new variables and also override existing ones, except system variables', () => {
  test('an existing variable is overridden', async () => {
    const receiver = await startReceiver((_, response) =>
      response
        .setHeader('content-type', INI_TYPE)
        .end(`pin=${receiver.received.length}\nnew${receiver.received.length}=x`),
    )
    const url = `${receiver.origin}/?pin=$\{pin}&new1=$\{new1}&new2=$\{new2}`
    const world = await startPlatform({ webhooks: [vcc(url)] })
    for (let step = 0; step < 3; step += 1) await decide(world, 'vcc', {}, 'call-1')
    expect(receiver.received.map((request) => request.url)).toEqual([
      '/?pin=&new1=&new2=',
      '/?pin=1&new1=x&new2=',
      '/?pin=2&new1=x&new2=x',
    ])
  })

  test.each(['customer', 'projectid', 'source', 'destination', 'uuid', 'vccsys_shortid'])(
    'the system variable %s can not be set, and nothing else of that answer is',
    async (name) => {
      expect(await decisionFor(`{"a": 1, "${name}": "x"}`, JSON_TYPE)).toEqual(
        backup('invalid-response', expect.stringContaining(name)),
      )
      expect(await decisionFor(`${name}=x`, INI_TYPE)).toEqual(backup('invalid-response'))
    },
  )
})

describe('Response key/value limit: max. 100', () => {
  test('100 are set', async () => {
    expect(await decisionFor(JSON.stringify(keys(100)), JSON_TYPE)).toEqual(set(keys(100)))
    expect(await decisionFor(ini(keys(100)), INI_TYPE)).toEqual(set(keys(100)))
    expect((await decisionFor(JSON.stringify({ a: keys(60), b: keys(40) }), JSON_TYPE)).kind).toBe('set-variables')
  })

  test('101 are backup', async () => {
    expect(await decisionFor(JSON.stringify(keys(101)), JSON_TYPE)).toEqual(backup('invalid-response'))
    expect(await decisionFor(ini(keys(101)), INI_TYPE)).toEqual(backup('invalid-response'))
    expect(await decisionFor(JSON.stringify({ a: keys(60), b: keys(41) }), JSON_TYPE)).toEqual(
      backup('invalid-response'),
    )
  })
})

describe('Body content size limit: 65536 byte', () => {
  const cases: readonly (readonly [string, string, Data])[] = [
    [JSON_TYPE, '{"a": 1}', {}],
    [INI_TYPE, 'a=1', {}],
    ['text/plain', '1', { setVariable: 'a' }],
  ]

  test.each(cases)('65,536 bytes of %s are read', async (type, body, settings) => {
    expect(await decisionFor(body.padEnd(65_536, ' '), type, settings)).toMatchObject({ kind: 'set-variables' })
  })

  test.each(cases)('65,537 bytes of %s are backup', async (type, body, settings) => {
    expect(await decisionFor(body.padEnd(65_537, ' '), type, settings)).toEqual(backup('response-too-large'))
  })

  test('it is counted in bytes, not in characters, and also without a Content-Length', async () => {
    const chunked =
      (body: string): Answerer =>
      (_, response) => {
        response.setHeader('content-type', INI_TYPE)
        response.write('a=1\n')
        response.end(body)
      }
    expect(await decisionOn(chunked(`;${'ü'.repeat(32_765)}.`))).toEqual(set({ a: '1' }))
    expect(await decisionOn(chunked(`;${'ü'.repeat(32_766)}`))).toEqual(backup('response-too-large'))
  })
})

describe('Value length limit: 256 characters', () => {
  test.each(['x', 'ü', '😀'])('256 times %s are set, 257 are backup', async (character) => {
    const good = character.repeat(256)
    const bad = character.repeat(257)
    expect(await decisionFor(JSON.stringify({ a: good }), JSON_TYPE)).toEqual(set({ a: good }))
    expect(await decisionFor(`a=${good}`, INI_TYPE)).toEqual(set({ a: good }))
    expect(await decisionFor(good, 'text/plain; charset=utf-8', { setVariable: 'a' })).toEqual(set({ a: good }))
    expect(await decisionFor(JSON.stringify({ a: bad }), JSON_TYPE)).toEqual(backup('invalid-response'))
    expect(await decisionFor(`a=${bad}`, INI_TYPE)).toEqual(backup('invalid-response'))
    expect(await decisionFor(bad, 'text/plain; charset=utf-8', { setVariable: 'a' })).toEqual(
      backup('invalid-response'),
    )
  })
})

describe('Key name: lowercase alphanumerics and low_dash, first a letter or low_dash', () => {
  test.each(['a', '_', '_1', 'key_1', 'z0123456789'])('%s is set', async (name) => {
    expect(await decisionFor(JSON.stringify({ [name]: 1 }), JSON_TYPE)).toEqual(set({ [name]: 1 }))
    expect(await decisionFor(`${name}=1`, INI_TYPE)).toEqual(set({ [name]: '1' }))
  })

  test.each(['A', 'keyA', '1a', 'a-b', 'a b', 'a.b', 'ä', ''])('%j is backup', async (name) => {
    expect(await decisionFor(JSON.stringify({ [name]: 1 }), JSON_TYPE)).toEqual(backup('invalid-response'))
    expect(await decisionFor(`${name}=1`, INI_TYPE)).toEqual(backup('invalid-response'))
  })
})

/** A port that accepts connections and says nothing. */
async function startSilence(): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => void sockets.add(socket.on('error', () => socket.destroy())))
  const listening = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', listening.resolve)
  await listening.promise
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

describe('Connection timeout: 5 sec, Response timeout: 5 sec', () => {
  test('by default a server that does not respond costs the call 5 seconds, and so does one that does not connect', async () => {
    using lateness = new Lateness()
    const port = await startSilence()
    const webhooks = [vcc(`http://127.0.0.1:${port}`), { ...vcc(`https://127.0.0.1:${port}`), id: 'tls' }]
    const world = await startPlatform({ webhooks })
    const startedAt = performance.now()
    const timed = async (id: string) => ({ ...(await invoke(world, id)), ms: performance.now() - startedAt })
    const [response, connection] = await Promise.all([timed('vcc'), timed('tls')])
    expect(response.decision).toEqual(backup('response-timeout'))
    expect(connection.decision).toEqual(backup('connect-timeout'))
    for (const { ms } of [response, connection]) {
      expect(ms).toBeGreaterThanOrEqual(4995)
      expect(ms).toBeLessThan(6500 + lateness.ms)
    }
  })

  test('a shorter response timeout holds to the last byte of a body that comes in drops', async () => {
    const startedAt = performance.now()
    const drip: Answerer = (_, response) => {
      response.setHeader('content-type', JSON_TYPE)
      const drops = setInterval(() => response.write(' '), 20)
      response.on('close', () => clearInterval(drops))
    }
    expect(await decisionOn(drip, { timeouts: { response: '200ms' } })).toEqual(backup('response-timeout'))
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(195)
  })

  test('a shorter connection timeout', async () => {
    const world = await startPlatform({
      webhooks: [vcc(`https://127.0.0.1:${await startSilence()}`, { timeouts: { connect: '100ms' } })],
    })
    expect(await decide(world, 'vcc')).toEqual(backup('connect-timeout'))
  })

  test.each(['connect', 'response'])('%s: 5 s is also the most', async (which) => {
    const withTimeout = (value: string) =>
      startPlatform({ webhooks: [vcc('http://127.0.0.1:9/', { timeouts: { [which]: value } })] })
    await expect(withTimeout('5s')).resolves.toBeDefined()
    await expect(withTimeout('5001ms')).rejects.toThrow(`webhooks.0.timeouts.${which}`)
  })

  test('a server that is not there is backup at once', async () => {
    const server = await listenAt(0, (_, response) => response.end())
    await server.close()
    const world = await startPlatform({ webhooks: [vcc(`http://127.0.0.1:${server.port}`)] })
    expect(await decide(world, 'vcc')).toEqual(backup('connection'))
  })
})
