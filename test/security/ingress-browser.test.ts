/** What a browser could be made to do: no page of another site reads, sends or frames anything. */
import { request } from 'node:http'
import { describe, expect, test } from 'vitest'
import { compileOriginGuard } from '../../src/ingress/http/origin-guard.ts'
import { run, sendRaw } from '../ingress/recording.ts'

const TOKEN = { name: 't', secret: 's3cret', may: ['read', 'send'], accounts: 'all' } as const

describe('every answer', () => {
  test.each<[name: string, method: string, path: string, headers: Record<string, string>]>([
    ['of data', 'GET', '/v1/catalog', { authorization: 'Bearer s3cret' }],
    ['of metrics', 'GET', '/metrics', { authorization: 'Bearer s3cret' }],
    ['of health', 'GET', '/healthz', {}],
    ['without a token', 'GET', '/v1/catalog', {}],
    ['of nothing', 'GET', '/nowhere', {}],
    ['of a wrong method', 'DELETE', '/v1/events', {}],
    [
      'to a preflight',
      'OPTIONS',
      '/v1/events',
      { origin: 'http://evil.example', 'access-control-request-method': 'POST' },
    ],
    [
      'to a preflight of anything',
      'OPTIONS',
      '/',
      { origin: 'null', 'access-control-request-headers': 'authorization' },
    ],
    ['to HEAD', 'HEAD', '/healthz', {}],
  ])(
    '%s has the headers that keep browsers out, and none that lets another origin in',
    async (_name, method, path, headers) => {
      await using server = await run({ tokens: [TOKEN] })
      const response = await new Promise<Readonly<Record<string, unknown>>>((resolve, reject) => {
        request(`${server.url}${path}`, { method, headers, agent: false }, (answer) => {
          answer.resume()
          resolve({ ...answer.headers, status: answer.statusCode })
        })
          .on('error', reject)
          .end()
      })
      expect(response).toMatchObject({
        'cache-control': 'no-store',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'cross-origin-resource-policy': 'same-origin',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
      })
      expect(Object.keys(response).filter((name) => name.startsWith('access-control-'))).toEqual([])
      expect(Object.keys(response)).not.toContain('server')
      expect(Object.keys(response)).not.toContain('x-powered-by')
      if (method === 'OPTIONS') expect([403, 404, 405]).toContain(response['status'])
    },
  )

  test('to what is not HTTP has them too', async () => {
    await using server = await run()
    const answer = await sendRaw(server.url, 'nonsense\r\n\r\n')
    expect(answer).toContain("\r\ncontent-security-policy: default-src 'none'; frame-ancestors 'none'\r\n")
    expect(answer).toContain('\r\ncache-control: no-store\r\n')
  })
})

describe('a name that was re-bound to this machine', () => {
  type Listener = Parameters<typeof compileOriginGuard>[0]
  const judge = (listener: Listener, host: string | undefined, remoteAddress: string) => {
    const headers = host === undefined ? {} : { host }
    return compileOriginGuard(listener)(Object.assign(Object.create(null), { headers, socket: { remoteAddress } }))
      ?.name
  }
  const loopback = { host: '127.0.0.1', boundAddress: '127.0.0.1' }
  const anywhere = { host: '0.0.0.0', boundAddress: '0.0.0.0' }

  test.each<[listener: Listener, host: string | undefined, from: string, expected: string | undefined]>([
    [{ ...loopback, hasTokens: false }, 'evil.example', '127.0.0.1', 'misdirected'],
    [{ ...loopback, hasTokens: true }, 'evil.example', '127.0.0.1', 'misdirected'],
    [{ ...loopback, hasTokens: false }, '192.0.2.1', '127.0.0.1', 'misdirected'],
    [{ ...loopback, hasTokens: false }, 'localhost:8080', '127.0.0.1', undefined],
    [{ ...loopback, hasTokens: false }, undefined, '127.0.0.1', undefined],
    [{ host: '::1', boundAddress: '::1', hasTokens: false }, 'evil.example', '::1', 'misdirected'],
    [{ host: '::1', boundAddress: '::1', hasTokens: false }, '[::1]:8080', '::1', undefined],
    [{ host: 'switch.test', boundAddress: '127.0.1.1', hasTokens: false }, 'switch.test', '127.0.0.1', undefined],
    // Without tokens, callers on this machine may do everything: a page in their browser must not.
    [{ ...anywhere, hasTokens: false }, 'evil.example:8080', '127.0.0.1', 'misdirected'],
    [{ ...anywhere, hasTokens: false }, 'evil.example', '::ffff:127.0.0.1', 'misdirected'],
    [{ host: '::', boundAddress: '::', hasTokens: false }, 'evil.example', '::1', 'misdirected'],
    [{ ...anywhere, hasTokens: false }, 'localhost', '127.0.0.1', undefined],
    [{ ...anywhere, hasTokens: false }, '192.0.2.7:8080', '127.0.0.1', undefined],
    [{ ...anywhere, hasTokens: false }, '[2001:db8::7]:8080', '127.0.0.1', undefined],
    [{ ...anywhere, hasTokens: false }, 'switchhook.svc', '192.0.2.9', undefined],
    [{ ...anywhere, hasTokens: true }, 'api.example.com', '127.0.0.1', undefined],
  ])('%j asked as %s from %s: %s', (listener, host, from, expected) => {
    expect(judge(listener, host, from)).toBe(expected)
  })
})
