/** Names that every object has by birth, in everything that a caller can name: they are names like any other. */
import { afterEach, describe, expect, test } from 'vitest'
import { parseConfig } from '../../src/config/load.ts'
import { startWorld } from '../e2e/world.ts'
import { post, problemOf, run, sendRaw } from '../ingress/recording.ts'
import { Receiver } from '../worker/receiver.ts'

const NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '__defineGetter__',
  'valueOf',
] as const

const BIRTH = JSON.stringify(Reflect.ownKeys(Object.prototype).map(String))

afterEach(() => {
  expect(JSON.stringify(Reflect.ownKeys(Object.prototype).map(String))).toBe(BIRTH)
  for (const name of ['polluted', 'x', 'status', 'account']) expect(Reflect.get({}, name)).toBeUndefined()
  expect(Reflect.get([], 'polluted')).toBeUndefined()
})

describe('a key of digits', () => {
  test.each([
    ['auth: { 10: x, tokens: [ { name: a, secret: { env: TOKEN }, may: [send] } ] }', 'auth.10'],
    ['listen: { 10: x, host: 0.0.0.0 }', 'listen.10'],
    ['auth: { tokens: [ { 10: x, name: a, secret: { env: TOKEN }, may: [send] } ] }', 'auth.tokens.0.10'],
  ])('never makes a section pass unread: %s', (text, path) => {
    const read = parseConfig(text, 'f', { TOKEN: 'x' })
    expect(read.kind === 'refused' && read.issues.map((issue) => issue.path)).toEqual([path])
  })
})

describe.each(NAMES)('the name %s', (name) => {
  const other = name === 'constructor' ? 'c' : 'constructor'
  const data = `{"${name}":{"polluted":1,"${name}":{"polluted":2}},"${other}":{"prototype":{"polluted":3}}}`
  const expected: unknown = JSON.parse(data)

  test.each<[where: string, contentType: string, query: string, body: string]>([
    ['in the data of an event', 'application/json', '', `{"type":"t","data":${data}}`],
    ['in data points alone', 'application/json', '?type=t', data],
    ['in a batch', 'application/json', '', `[{"type":"t","data":${data}}]`],
    ['in a line', 'application/x-ndjson', '', `{"type":"t","data":${data}}\n`],
    ['in Base64', 'application/json', '', `{"type":"t","data_base64":"${Buffer.from(data).toString('base64')}"}`],
    ['beside a long number', 'application/json', '', `{"type":"t","data":${data},"n":12345678901234567890}`],
  ])('%s', async (_where, contentType, query, body) => {
    await using server = await run()
    expect((await post(`${server.url}/v1/events${query}`, contentType, body)).status).toBe(202)
    const points = server.engine.accepted[0]?.data
    expect(JSON.stringify(points)).toBe(JSON.stringify(expected))
    expect(Object.getPrototypeOf(points)).toBe(Object.prototype)
  })

  test('among the attributes of an event is an extension', async () => {
    await using server = await run()
    const body = `{"type":"t","${name}":{"account":"evil","polluted":1}}`
    expect((await post(`${server.url}/v1/events`, 'application/json', body)).status).toBe(202)
    expect(server.engine.accepted[0]).toMatchObject({ type: 't', account: 'default' })
  })

  test.each([
    ['in a form', 'POST', '/v1/events?type=t', `${name}.polluted=1&${name}.${name}.polluted=2`],
    ['in a query', 'GET', `/v1/webhooks/crm/invoke?${name}.polluted=1&${name}.${name}.polluted=2`, ''],
    ['in a query, escaped', 'GET', `/v1/webhooks/crm/invoke?%5F%5Fproto%5F%5F.polluted=1&a.${name}=2`, ''],
  ])('%s', async (_where, method, path, body) => {
    await using server = await run()
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const response = await fetch(server.url + path, { method, ...(method === 'POST' && { body, headers }) })
    expect(response.ok).toBe(true)
    const event = server.engine.accepted[0] ?? server.engine.invokes[0]?.event
    expect(Object.getPrototypeOf(event?.data)).toBe(Object.prototype)
    expect(JSON.stringify(event?.data)).toContain(`"${name}":`)
  })

  test.each([
    ['as a parameter of a list', `/v1/deliveries?${name}=1`],
    ['as an attribute', `/v1/webhooks/crm/invoke?type=${name}&account=acme`],
    ['as a webhook', `/v1/webhooks/${name}/invoke`],
    ['as a delivery', `/v1/deliveries/${name}`],
    ['as a path', `/${name}`],
    ['as a version', `/v1/${name}`],
  ])('%s', async (_where, path) => {
    await using server = await run()
    const response = await fetch(server.url + path)
    if (response.ok) return
    expect([404, 422]).toContain(response.status)
    expect(await problemOf(response)).toMatchObject({ detail: expect.any(String) })
  })

  test('as a header field and in binary mode', async () => {
    await using server = await run()
    const answer = await sendRaw(
      server.url,
      `POST /v1/events HTTP/1.1\r\nhost: localhost\r\n${name}: polluted\r\nce-${name}: polluted\r\nce-type: t\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`,
    )
    expect(answer).toMatch(/^HTTP\/1\.1 202 /)
    expect(server.engine.accepted[0]).toMatchObject({ type: 't', account: 'default', data: {} })
  })

  test('as a charset, a coding, a preference or a media type', async () => {
    await using server = await run()
    const ask = (headers: Record<string, string>) => post(`${server.url}/v1/webhooks/crm/invoke`, '', '{}', headers)
    expect((await ask({ 'content-type': `application/json; charset=${name}` })).status).toBe(415)
    expect((await ask({ 'content-type': name })).status).toBe(415)
    expect((await ask({ 'content-type': 'application/json', 'content-encoding': name })).status).toBe(415)
    expect((await ask({ 'content-type': 'application/json', prefer: `${name}=3`, accept: name })).status).toBe(200)
  })

  test.each([
    ['as a section', `${name}: { polluted: 1 }`],
    ['as a key of a webhook', `webhooks: [ { id: a, profile: custom, url: "https://h/", ${name}: { polluted: 1 } } ]`],
    ['as a profile', `webhooks: [ { id: a, profile: ${name}, url: "https://h/" } ]`],
    ['as a template', `webhooks: [ { id: a, profile: custom, url: "https://h/", template: ${name} } ]`],
    ['as a right', `auth: { tokens: [ { name: a, secret: { env: TOKEN }, may: [${name}] } ] }`],
    ['as a variable', `auth: { tokens: [ { name: a, secret: { env: ${name} }, may: [send] } ] }`],
    ['as a key of a binding', `bindings: [ { ${name}: a, begin: [b] } ]`],
    ['as a webhook of a binding', `bindings: [ { campaign: a, begin: [${name}] } ]`],
    ['as a listener', `listen: { ${name}: { polluted: 1 } }`],
  ])('%s of the configuration is a mistake', (_where, text) => {
    expect(parseConfig(text, 'f', { TOKEN: 'x' }).kind).toBe('refused')
  })

  test('goes through the whole engine as data, and back as a variable', async () => {
    await using receiver = await Receiver.start()
    receiver.answer = (_, response) => response.end(`{"${name.toLowerCase()}":"v"}`)
    const world = await startWorld(`
workers: 0
webhooks:
  - { id: a, profile: custom, answer: variables, url: '${receiver.origin}/', tokens: dollar, params: { '${name}': { value: x } }, body: '{"v": \${user.${name}}}', headers: { content-type: application/json }, backup: { '${name}': { polluted: 1 } } }
`)
    const { status } = await world.post('/v1/webhooks/a/invoke', `{"subject":"${name}","data":{"user":${data}}}`)
    expect(status).toBe(200)
    const again = await world.post('/v1/webhooks/a/invoke', `{"subject":"${name}","data":{}}`)
    expect(again.status).toBe(200)
  })
})
