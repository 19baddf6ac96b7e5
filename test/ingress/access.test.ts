/** Who may call what: tokens, rights, accounts, loopback, and web pages of other sites. */
import { networkInterfaces } from 'node:os'
import { describe, expect, test } from 'vitest'
import type { Token } from '../../src/ingress/http/access.ts'
import { post, problemOf, run, sendRaw } from './recording.ts'

const TOKENS: readonly Token[] = [
  { name: 'sender', secret: 'send-secret', may: ['send'], accounts: ['acme'] },
  { name: 'caller', secret: 'invoke-secret', may: ['invoke'], accounts: 'all' },
  { name: 'reader', secret: 'read-secret', may: ['read'], accounts: ['acme'] },
  { name: 'watcher', secret: 'watch-secret', may: ['read'], accounts: 'all' },
  { name: 'manager', secret: 'pass:word é', may: ['manage'], accounts: 'all' },
  { name: 'other', secret: 'other-secret', may: ['invoke', 'read', 'manage'], accounts: ['beta'] },
]

const basic = (secret: string, user = 'anybody') => `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`

describe('a token', () => {
  test.each([
    ['sender', 'Bearer send-secret', 202],
    ['sender, scheme in another case', 'bEARER  send-secret', 202],
    ['sender as a password', basic('send-secret'), 202],
    ['none', undefined, 401],
    ['an unknown one', 'Bearer nope', 401],
    ['an empty one', 'Bearer ', 401],
    ['a part of one', 'Bearer send-secre', 401],
    ['another scheme', 'Digest send-secret', 401],
    ['a password without a user', `Basic ${Buffer.from('send-secret').toString('base64')}`, 401],
    ['caller, which may not send', 'Bearer invoke-secret', 403],
    ['manager, which may not send', basic('pass:word é'), 403],
  ])('%s sends an event: %#', async (_name, authorization, status) => {
    await using server = await run({ tokens: TOKENS })
    const headers = authorization === undefined ? {} : { authorization }
    const response = await post(`${server.url}/v1/events`, 'application/json', '{"type":"t"}', headers)
    expect(response.status).toBe(status)
    if (status === 401) {
      expect(response.headers.get('www-authenticate')).toMatch(/^Bearer realm="switchhook".*, Basic realm="switchhook"/)
      expect(await problemOf(response)).toMatchObject({ name: 'unauthorized' })
    }
    if (status === 403) {
      expect(await problemOf(response)).toMatchObject({
        name: 'forbidden',
        detail: expect.stringContaining('lacks the right send'),
      })
    }
    if (status === 202) expect(server.engine.accepted[0]?.account).toBe('acme')
  })

  test.each([
    ['GET', '/v1/webhooks/crm/invoke', 'Bearer read-secret', 403],
    ['GET', '/v1/webhooks/crm/invoke', 'Bearer invoke-secret', 200],
    ['GET', '/v1/webhooks/crm/invoke', 'Bearer other-secret', 404],
    ['GET', '/v1/catalog', 'Bearer read-secret', 200],
    ['GET', '/v1/catalog', basic('pass:word é'), 200],
    ['GET', '/v1/stats', 'Bearer invoke-secret', 403],
    ['GET', '/metrics', undefined, 401],
    ['GET', '/metrics', 'Bearer watch-secret', 200],
    ['GET', '/metrics', 'Bearer read-secret', 403],
    ['GET', '/v1/stats', 'Bearer watch-secret', 200],
    ['GET', '/healthz', undefined, 200],
    ['GET', '/readyz', undefined, 200],
    ['GET', '/v1/deliveries', 'Bearer invoke-secret', 403],
    ['POST', '/v1/deliveries/d/retry', 'Bearer read-secret', 403],
    ['POST', '/v1/deliveries/d/retry', basic('pass:word é'), 404],
    ['POST', '/v1/webhooks/crm/render', 'Bearer invoke-secret', 403],
    ['POST', '/v1/webhooks/crm/render', 'Bearer other-secret', 404],
  ])('%s %s with %s gives %i', async (method, path, authorization, status) => {
    await using server = await run({ tokens: TOKENS })
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers: authorization === undefined ? {} : { authorization },
    })
    expect(response.status).toBe(status)
  })

  test('for one account is refused for another', async () => {
    await using server = await run({ tokens: TOKENS })
    const headers = { authorization: 'Bearer send-secret' }
    const response = await post(`${server.url}/v1/events`, 'application/json', '{"type":"t","account":"beta"}', headers)
    expect(await problemOf(response)).toMatchObject({ status: 403, detail: 'the token is not for the account beta' })
  })
})

describe('without tokens', () => {
  test('only loopback addresses may call, but anybody may ask for health', async () => {
    const outer = Object.values(networkInterfaces())
      .flat()
      .find((entry) => entry?.internal === false && entry.family === 'IPv4')
    await using server = await run({ listen: { host: '0.0.0.0', port: 0, keepAliveMs: 1000 } })
    const { port } = server.ingress.address()
    expect((await fetch(`http://127.0.0.1:${port}/v1/catalog`)).status).toBe(200)
    if (outer === undefined) return
    const refused = await fetch(`http://${outer.address}:${port}/v1/catalog`)
    expect(await problemOf(refused)).toMatchObject({ status: 403, detail: expect.stringContaining('loopback') })
    expect((await fetch(`http://${outer.address}:${port}/healthz`)).status).toBe(200)
  })
})

describe('a loopback listener', () => {
  const ask = (url: string, fields: string) =>
    sendRaw(url, `GET /v1/catalog HTTP/1.1\r\n${fields}connection: close\r\n\r\n`)

  test.each([
    ['host: localhost\r\n', 200],
    ['host: LOCALHOST:8080\r\n', 200],
    ['host: 127.0.0.1:1\r\n', 200],
    ['host: [::1]:8080\r\n', 200],
    ['host: evil.example\r\n', 421],
    ['host: localhost.evil.example:8080\r\n', 421],
    ['host: 127.0.0.1.nip.io\r\n', 421],
    ['host: \r\n', 421],
  ])('asked with %j answers %i', async (fields, status) => {
    await using server = await run()
    expect(await ask(server.url, fields)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
  })

  test('answers HTTP/1.0 health checks without host', async () => {
    await using server = await run()
    expect(await sendRaw(server.url, 'GET /healthz HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 /)
  })
})

describe('a web page', () => {
  test.each([
    ['of another origin', { origin: 'https://evil.example' }, 403],
    ['without an origin to tell', { origin: 'null' }, 403],
    ['of another site', { 'sec-fetch-site': 'cross-site' }, 403],
    ['of a sibling site', { 'sec-fetch-site': 'same-site' }, 403],
    ['of this origin', { 'sec-fetch-site': 'same-origin' }, 202],
    ['that is typed in', { 'sec-fetch-site': 'none' }, 202],
  ])('%s', async (_name, headers, status) => {
    await using server = await run()
    const fields = Object.entries(headers)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('')
    const answer = await sendRaw(
      server.url,
      `POST /v1/events?type=t HTTP/1.1\r\nhost: localhost\r\n${fields}content-length: 0\r\nconnection: close\r\n\r\n`,
    )
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(answer).not.toMatch(/access-control/i)
  })

  test('of this origin, told by its origin field, is let in', async () => {
    await using server = await run()
    const head = `POST /v1/events?type=t HTTP/1.1\r\nhost: localhost:8080\r\norigin: http://localhost:8080\r\n`
    expect(await sendRaw(server.url, `${head}content-length: 0\r\nconnection: close\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 202 /,
    )
  })
})
