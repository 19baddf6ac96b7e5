/** `network` and a webhook's `tls`: what they give, where their mistakes are, and that no message shows a secret. */
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { EngineConfig } from '../../src/config/engine-config.ts'
import { formatIssue } from '../../src/config/issues.ts'
import { parseConfig } from '../../src/config/load.ts'

const FIXTURES = new URL('../fixtures/tls/', import.meta.url)
const fixture = (name: string) => readFileSync(new URL(name, FIXTURES), 'utf8').trim()
const weak = generateKeyPairSync('ed25519').privateKey
const encrypted = weak.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'swordfish' })

const ENVIRONMENT = {
  CA: fixture('private-ca.crt'),
  TWO_CAS: `${fixture('private-ca.crt')}\n${fixture('ca.crt')}`,
  CERT: fixture('client.crt'),
  KEY: fixture('client.key'),
  OTHER_KEY: fixture('good.key'),
  ENCRYPTED: encrypted.toString(),
  BROKEN_CERT: '-----BEGIN CERTIFICATE-----\nswordfish\n-----END CERTIFICATE-----',
  TEXT: 'swordfish',
  CREDENTIALS: 'switch:swordfish',
  PROXY: 'http://switch:sword%20fish@proxy.test:3128',
  PROXY_USER: 'http://switch@proxy.test:3128/',
  PROXY_WITHOUT: 'https://proxy.test',
  NO_PROXY_URL: 'switch:swordfish@proxy.test',
  BAD_ESCAPE: 'http://switch:swordfish%zz@proxy.test:3128',
}

const read = (text: string) => parseConfig(`store: { engine: memory }\n${text}`, 'f', ENVIRONMENT)

const load = (text: string): EngineConfig => {
  const result = read(text)
  if (result.kind === 'refused') throw new Error(result.issues.map(formatIssue).join('\n'))
  return result.config
}

const mistakesIn = (text: string): readonly string[] => {
  const result = read(text)
  return result.kind === 'refused' ? result.issues.map(formatIssue) : []
}

const webhook = (keys: string) => `webhooks: [ { id: a, profile: custom, url: "https://x.test/", ${keys} } ]`

describe('network.proxy', () => {
  test.each([
    ['http://proxy.test:3128', { origin: 'http://proxy.test:3128', connectBy: 'address' }],
    ['https://proxy.test/', { origin: 'https://proxy.test', connectBy: 'address' }],
    ['{ url: http://10.0.0.1:80 }', { origin: 'http://10.0.0.1', connectBy: 'address' }],
    ['{ url: "http://[::1]:3128", connectBy: name }', { origin: 'http://[::1]:3128', connectBy: 'name' }],
    [
      '{ url: http://proxy.test:1, credentials: { env: CREDENTIALS } }',
      { origin: 'http://proxy.test:1', credentials: 'switch:swordfish', connectBy: 'address' },
    ],
    [
      '{ url: { env: PROXY } }',
      { origin: 'http://proxy.test:3128', credentials: 'switch:sword fish', connectBy: 'address' },
    ],
    [
      '{ url: { env: PROXY_USER } }',
      { origin: 'http://proxy.test:3128', credentials: 'switch:', connectBy: 'address' },
    ],
    ['{ url: { env: PROXY_WITHOUT } }', { origin: 'https://proxy.test', connectBy: 'address' }],
    [
      '{ url: https://proxy.test, ca: { env: CA } }',
      { origin: 'https://proxy.test', ca: fixture('private-ca.crt'), connectBy: 'address' },
    ],
  ])('%s is the way of every request', (proxy, expected) => {
    const config = load(`network: { proxy: ${proxy} }\n${webhook('fallback: { url: "http://y.test/" }')}`)
    expect(config.network.proxy).toEqual(expected)
    const [first] = config.webhooks
    expect(first?.endpoint).toEqual({ id: 'https://x.test', origin: 'https://x.test', allow: [], proxy: expected })
    expect(first?.fallback?.endpoint.proxy).toEqual(expected)
  })

  const url = 'http:// or https://, a host and a port, as in http://proxy.example:3128'
  test.each([
    ['5', 'f:2:19 network.proxy: a URL or { url, credentials, ca, connectBy } is expected, not 5'],
    ['proxy.test:3128', `f:2:19 network.proxy: ${url} is expected, not "proxy.test:3128"`],
    ['socks5://proxy.test', `f:2:19 network.proxy: ${url} is expected, not "socks5://proxy.test"`],
    ['http://proxy.test/path', `f:2:19 network.proxy: ${url} is expected, not "http://proxy.test/path"`],
    ['"http://proxy.test?a"', `f:2:19 network.proxy: ${url} is expected, not "http://proxy.test?a"`],
    ['http://proxy.test:65536', `f:2:19 network.proxy: ${url} is expected, not "http://proxy.test:65536"`],
    ['http://switch:swordfish@proxy.test:x', `f:2:19 network.proxy: ${url} is expected, not "proxy.test:x"`],
    [
      'http://switch:swordfish@proxy.test',
      'f:2:19 network.proxy: user and password do not stand in the file itself: credentials: { env: NAME } is expected',
    ],
    ['{ uri: http://proxy.test }', 'f:2:19 network.proxy.url: is missing'],
    [
      '{ url: { env: NO } }',
      'f:2:33 network.proxy.url.env: the environment has no variable NO: set it before starting',
    ],
    ['{ url: { env: NO_PROXY_URL } }', `f:2:26 network.proxy.url: holds no URL of a proxy: ${url} is expected`],
    ['{ url: { env: BAD_ESCAPE } }', `f:2:26 network.proxy.url: holds no URL of a proxy: ${url} is expected`],
    [
      '{ url: http://p.test, credentials: switch:swordfish }',
      'f:2:54 network.proxy.credentials: a secret does not stand in the file itself: { env: NAME } or { file: PATH } is expected',
    ],
    [
      '{ url: http://p.test, credentials: { env: TEXT } }',
      'f:2:54 network.proxy.credentials: holds no colon: user:password is expected',
    ],
    [
      '{ url: { env: PROXY }, credentials: { env: CREDENTIALS } }',
      'f:2:42 network.proxy.credentials: url holds user and password already: keep one of them',
    ],
    [
      '{ url: http://p.test, ca: { env: CA } }',
      'f:2:41 network.proxy.ca: only an https: proxy has a certificate: leave it out',
    ],
    [
      '{ url: https://p.test, ca: { env: TEXT } }',
      'f:2:46 network.proxy.ca: holds no certificate in PEM: -----BEGIN CERTIFICATE----- is expected',
    ],
    [
      '{ url: https://p.test, connectBy: host }',
      'f:2:53 network.proxy.connectBy: address or name is expected, not "host"',
    ],
  ])('%s is refused', (proxy, issue) => {
    const mistakes = mistakesIn(`network: { proxy: ${proxy} }`)
    expect(mistakes[0]).toContain(issue)
    expect(mistakes.join('\n')).not.toMatch(/sword ?fish/)
  })
})

describe('tls of a webhook', () => {
  test('is read whole, and makes another endpoint of the same origin', () => {
    const tls = '{ ca: { env: CA }, cert: { env: CERT }, key: { env: KEY }, serverName: crm.test }'
    const { endpoint } = load(webhook(`tls: ${tls}`)).webhooks[0] ?? {}
    expect(endpoint).toEqual({
      id: expect.stringMatching(/^https:\/\/x\.test#[0-9a-f]{8}$/),
      origin: 'https://x.test',
      allow: [],
      tls: {
        ca: fixture('private-ca.crt'),
        cert: fixture('client.crt'),
        key: fixture('client.key'),
        serverName: 'crm.test',
      },
    })
  })

  test('gives each identity an endpoint of its own', () => {
    const kinds = [
      '{ ca: { env: CA } }',
      '{ ca: { env: TWO_CAS } }',
      '{ cert: { env: CERT }, key: { env: KEY } }',
      '{ serverName: a.test }',
      '{}',
    ]
    const ids = kinds.map((tls) => load(webhook(`tls: ${tls}`)).webhooks[0]?.endpoint.id)
    expect(new Set(ids).size).toBe(kinds.length)
    expect(ids.at(-1)).toBe('https://x.test')
  })

  test('holds for the fallback as well, but for the name', () => {
    const keys = 'tls: { ca: { env: CA }, serverName: a.test }, fallback: { url: "https://y.test/" }'
    expect(load(webhook(keys)).webhooks[0]?.fallback?.endpoint.tls).toEqual({ ca: fixture('private-ca.crt') })
  })

  test('holds for an https: fallback of an http: url', () => {
    const keys =
      'id: a, profile: custom, url: "http://x.test/", tls: { ca: { env: CA } }, fallback: { url: "https://y.test/" }'
    const [first] = load(`webhooks: [ { ${keys} } ]`).webhooks
    expect(first?.endpoint.tls).toBeUndefined()
    expect(first?.fallback?.endpoint.tls).toEqual({ ca: fixture('private-ca.crt') })
  })

  test.each([
    ['5', 'f:2:68 webhooks.0.tls: a mapping is expected, not 5'],
    ['{ cacert: 1 }', 'f:2:70 webhooks.0.tls.cacert: unknown key'],
    [
      '{ ca: ./ca.pem }',
      'f:2:74 webhooks.0.tls.ca: a secret does not stand in the file itself: { env: NAME } or { file: PATH } is expected',
    ],
    ['{ ca: { file: ./no.pem } }', "f:2:82 webhooks.0.tls.ca.file: ./no.pem can't be read: ENOENT"],
    ['{ ca: { env: NO } }', 'f:2:81 webhooks.0.tls.ca.env: the environment has no variable NO: set it before starting'],
    [
      '{ ca: { env: TEXT } }',
      'f:2:74 webhooks.0.tls.ca: holds no certificate in PEM: -----BEGIN CERTIFICATE----- is expected',
    ],
    ['{ ca: { env: BROKEN_CERT } }', 'f:2:74 webhooks.0.tls.ca: holds no certificate in PEM'],
    ['{ ca: { env: KEY } }', 'f:2:74 webhooks.0.tls.ca: holds no certificate in PEM'],
    ['{ cert: { env: CERT } }', 'f:2:70 webhooks.0.tls.cert: has no key beside it: its private key is expected'],
    ['{ key: { env: KEY } }', 'f:2:70 webhooks.0.tls.key: has no cert beside it: its certificate is expected'],
    [
      '{ cert: { env: CERT }, key: { env: OTHER_KEY } }',
      'f:2:96 webhooks.0.tls.key: does not belong to the certificate: the first in cert must be the one that was made for this key',
    ],
    [
      '{ cert: { env: CERT }, key: { env: CERT } }',
      'f:2:96 webhooks.0.tls.key: holds no private key in PEM that can be read without a password',
    ],
    [
      '{ cert: { env: CERT }, key: { env: ENCRYPTED } }',
      'f:2:96 webhooks.0.tls.key: holds no private key in PEM that can be read without a password',
    ],
    [
      '{ serverName: 127.0.0.1 }',
      'f:2:82 webhooks.0.tls.serverName: a host name such as crm.example.com is expected, not "127.0.0.1"',
    ],
    [
      '{ serverName: a.test. }',
      'f:2:82 webhooks.0.tls.serverName: a host name such as crm.example.com is expected, not "a.test."',
    ],
    [
      '{ serverName: "a b" }',
      'f:2:82 webhooks.0.tls.serverName: a host name such as crm.example.com is expected, not "a b"',
    ],
    [`{ serverName: "${'a'.repeat(64)}.test" }`, 'f:2:82 webhooks.0.tls.serverName: a host name'],
  ])('%s is refused', (tls, issue) => {
    const mistakes = mistakesIn(webhook(`tls: ${tls}`))
    expect(mistakes).toHaveLength(1)
    expect(mistakes[0]).toContain(issue)
    expect(mistakes[0]).not.toMatch(/swordfish|MII|MHc/)
  })

  test('is refused where no URL is https:', () => {
    const text = 'webhooks: [ { id: a, profile: custom, url: "http://x.test/", tls: { ca: { env: CA } } } ]'
    expect(mistakesIn(text)).toEqual([
      'f:2:62 webhooks.0.tls: http: has no TLS: leave it out, or let the url begin with https:',
    ])
  })

  test.each([`${'a'.repeat(63)}.test`, 'a', '_dmarc.a-b.test'])('takes the name %s', (name) => {
    expect(load(webhook(`tls: { serverName: ${name} }`)).webhooks[0]?.endpoint.tls?.serverName).toBe(name)
  })
})
