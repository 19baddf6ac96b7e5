/**
 * The whole engine with an egress proxy and a server that demands a certificate: live calls from the main thread and deliveries from
 * a worker both take that way, the guard stops both, and nothing that the engine tells shows a key or a password.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, onTestFinished, test } from 'vitest'
import { formatIssue } from '../../src/config/issues.ts'
import { parseConfig } from '../../src/config/load.ts'
import { startService } from '../../src/service.ts'
import { startProxy } from '../transport/proxy-server.ts'
import { answering, answerOf, startServer } from '../transport/raw-server.ts'

const fixture = (name: string) => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), 'utf8')

const ENVIRONMENT = {
  CREDENTIALS: 'switch:swordfish',
  CA: fixture('private-ca.crt'),
  CERT: fixture('client.crt'),
  KEY: fixture('client.key'),
}

/** Credentials as such and as they are sent, and a line of the private key. */
const SECRETS = [
  'swordfish',
  Buffer.from(ENVIRONMENT.CREDENTIALS).toString('base64'),
  ENVIRONMENT.KEY.split('\n')[1] ?? '',
]

const start = async (text: string) => {
  const loaded = parseConfig(`listen: { port: 0 }\nstore: { engine: memory }\nworkers: 1\n${text}`, 'f', ENVIRONMENT)
  if (loaded.kind === 'refused') throw new Error(loaded.issues.map(formatIssue).join('\n'))
  const told: string[] = []
  const write = (fields: object, message: string) => void told.push(`${message} ${JSON.stringify(fields)}`)
  const log = { info: write, warn: write, error: write }
  const service = await startService({ config: loaded.config, version: '1.2.3', log })
  onTestFinished(() => service.close(1000))
  const ask = async (path: string, body?: object) => {
    const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    const response = await fetch(`${service.url}${path}`, body === undefined ? {} : post)
    const text = await response.text()
    told.push(text)
    return text
  }
  return { ask, told }
}

const event = { type: 'call.end', id: '1', source: 'test', data: {} }

describe('An engine behind a proxy', () => {
  test('sends calls and deliveries through it, shows its certificate, and tells no secret', async () => {
    await using server = await startServer(answering(answerOf('fine')), {
      cert: fixture('private.crt'),
      key: fixture('private.key'),
      ca: fixture('private-ca.crt'),
      requestCert: true,
      rejectUnauthorized: true,
    })
    await using proxy = await startProxy((client, index) => {
      if (index < 2) return 'connect'
      client.end('HTTP/1.1 407 No\r\n\r\n')
      return undefined
    })
    const tls = 'tls: { ca: { env: CA }, cert: { env: CERT }, key: { env: KEY } }'
    const { ask, told } = await start(
      [
        'network:',
        '  allow: [127.0.0.0/8]',
        `  proxy: { url: http://127.0.0.1:${proxy.port}, credentials: { env: CREDENTIALS } }`,
        'webhooks:',
        `  - { id: mutual, profile: custom, on: [call.end], url: "https://127.0.0.1:${server.port}/", ${tls} }`,
        '  - { id: other, profile: custom, url: "http://127.0.0.1:81/" }',
      ].join('\n'),
    )
    expect(await ask('/v1/webhooks/mutual/invoke', event)).toContain('"kind":"continue"')
    expect(await ask('/v1/events', event)).toContain('"deliveries":1')
    await server.received(2)
    expect(proxy.heads).toHaveLength(2)
    expect(await ask('/v1/webhooks/other/invoke', event)).toContain('does not take the credentials')
    for (const path of ['/v1/stats', '/metrics', '/v1/deliveries', '/healthz']) await ask(path)
    for (const secret of SECRETS) expect(told.filter((text) => text.includes(secret))).toEqual([])
  })

  test('asks it for no address that is not permitted', async () => {
    await using proxy = await startProxy()
    const { ask } = await start(
      [
        `network: { proxy: http://127.0.0.1:${proxy.port} }`,
        'webhooks:',
        '  - { id: metadata, profile: custom, url: "http://169.254.169.254/latest/" }',
      ].join('\n'),
    )
    const decision: unknown = JSON.parse(await ask('/v1/webhooks/metadata/invoke', event))
    expect(decision).toMatchObject({
      decision: {
        kind: 'backup',
        reason: 'address-refused',
        detail: '169.254.169.254 is link-local, where clouds keep their metadata (169.254.0.0/16)',
      },
    })
    expect(proxy.accepted()).toBe(0)
  })
})
