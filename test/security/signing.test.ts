/**
 * Signatures as a customer's server checks them, on what came over a socket: Standard Webhooks with one secret, with several while
 * one is changed for another, and with an Ed25519 key; a timestamp an attempt; and the secrets that a configuration may not hold.
 */
import { createPublicKey, generateKeyPairSync, type KeyObject, verify } from 'node:crypto'
import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { describe, expect, onTestFinished, test } from 'vitest'
import { formatIssue } from '../../src/config/issues.ts'
import { parseConfig } from '../../src/config/load.ts'
import { compileSigner } from '../../src/transport/sign.ts'
import { readSigningSecret } from '../../src/transport/signing-keys.ts'
import { startWorld } from '../e2e/world.ts'
import { type Received, Receiver } from '../worker/receiver.ts'

const OLD = `whsec_${Buffer.from('the old secret, 24 bytes').toString('base64')}`
const NEW = `whsec_${Buffer.from('the new secret, 24 bytes').toString('base64')}`
const PLAIN = 'a plain secret ß'

/** The private and the public key of RFC 8032, 7.1, test 1. */
const SEED = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex')
const PUBLIC = Buffer.from('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex')
const PRIVATE_KEY = `whsk_${SEED.toString('base64')}`
const KEY_PAIR = `whsk_${Buffer.concat([SEED, PUBLIC]).toString('base64')}`

/** A public key of 32 bytes, as a customer gets it behind `whpk_`. */
const publicKeyOf = (bytes: Buffer): KeyObject =>
  createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') }, format: 'jwk' })

/** Whether one of the `v1a` signatures is that of this content, by the words of the specification: `id.timestamp.body`. */
const isSignedBy = (key: KeyObject, signature: string, content: string): boolean =>
  signature.split(' ').some((one) => {
    const [version, encoded = ''] = one.split(',')
    return version === 'v1a' && verify(null, Buffer.from(content), key, Buffer.from(encoded, 'base64'))
  })

const ENVIRONMENT = { OLD, NEW, PLAIN, PRIVATE_KEY, KEY_PAIR }

const startReceiver = async (): Promise<Receiver> => {
  const receiver = await Receiver.start()
  onTestFinished(() => receiver[Symbol.asyncDispose]())
  return receiver
}

const fieldOf = ({ headers }: Received, name: string): string => String(headers[name])

const webhooksTo = (receiver: Receiver, signing: string): string =>
  `workers: 0
webhooks:
  - { id: w, profile: custom, on: [call.end], url: "${receiver.origin}/", body: '{"said": "%ani%"}', ${signing},
      retry: { schedule: [0s, 1s], jitter: 0 } }`

describe('What a customer receives', () => {
  test('verifies with the reference library by the old and by the new secret while both sign, and then by the new alone', async () => {
    const receiver = await startReceiver()
    const world = await startWorld(webhooksTo(receiver, 'signing: { secret: { env: OLD } }'), ENVIRONMENT)
    const invoke = async (): Promise<Received> => {
      const from = receiver.received.length
      await world.post('/v1/webhooks/w/invoke', { type: 'call', data: { ani: 'é\u{1f600}' } })
      const request = receiver.received[from]
      if (request === undefined) throw new Error('nothing was received')
      return request
    }
    const verifiesBy = (request: Received): readonly boolean[] =>
      [OLD, NEW].map((secret) => {
        try {
          const headers = request.headers as Record<string, string>
          expect(new Webhook(secret).verify(request.body, headers)).toEqual({ said: 'é\u{1f600}' })
          return true
        } catch {
          return false
        }
      })
    expect(verifiesBy(await invoke())).toEqual([true, false])
    await world.reload(webhooksTo(receiver, 'signing: { secrets: [{ env: OLD }, { env: NEW }] }'))
    expect(verifiesBy(await invoke())).toEqual([true, true])
    await world.reload(webhooksTo(receiver, 'signing: { secrets: [{ env: NEW }] }'))
    expect(verifiesBy(await invoke())).toEqual([false, true])
  })

  test.each([
    ['a private key', 'PRIVATE_KEY'],
    ['a private key with its public one', 'KEY_PAIR'],
  ])('verifies with the public key where %s signs, beside a secret that signs as well', async (_, name) => {
    const receiver = await startReceiver()
    const signing = `signing: { secrets: [{ env: ${name} }, { env: OLD }] }`
    const world = await startWorld(webhooksTo(receiver, signing), ENVIRONMENT)
    await world.post('/v1/webhooks/w/invoke', { type: 'call', data: { ani: '1' } })
    const [request] = receiver.received
    if (request === undefined) throw new Error('nothing was received')
    const signature = fieldOf(request, 'webhook-signature')
    const content = `${fieldOf(request, 'webhook-id')}.${fieldOf(request, 'webhook-timestamp')}.${request.body}`
    expect(signature.split(' ').map((one) => one.split(',')[0])).toEqual(['v1a', 'v1'])
    expect(isSignedBy(publicKeyOf(PUBLIC), signature, content)).toBe(true)
    expect(isSignedBy(publicKeyOf(PUBLIC), signature, `${content} `)).toBe(false)
    expect(isSignedBy(generateKeyPairSync('ed25519').publicKey, signature, content)).toBe(false)
    expect(() => new Webhook(OLD).verify(request.body, request.headers as Record<string, string>)).not.toThrow()
  })

  test('has the same id and a timestamp of its own in each attempt, and each signature is that of its timestamp', async () => {
    const receiver = await startReceiver()
    receiver.answer = (_, response) => void response.writeHead(receiver.received.length === 1 ? 500 : 200).end()
    const world = await startWorld(webhooksTo(receiver, 'signing: { secret: { env: OLD } }'), ENVIRONMENT)
    await world.post('/v1/events', { type: 'call.end', data: { ani: '1' } })
    await receiver.until(() => receiver.received.length === 2)
    const [first, second] = receiver.received
    if (first === undefined || second === undefined) throw new Error('nothing was received')
    expect(fieldOf(first, 'webhook-id')).toBe(fieldOf(second, 'webhook-id'))
    expect(Number(fieldOf(second, 'webhook-timestamp'))).toBeGreaterThan(Number(fieldOf(first, 'webhook-timestamp')))
    for (const { headers, body } of [first, second]) {
      expect(() => new Webhook(OLD).verify(body, headers as Record<string, string>)).not.toThrow()
    }
  })
})

describe('An Ed25519 signature', () => {
  test('is that of the id, the timestamp and the body, whatever they are', () => {
    const sign = compileSigner([PRIVATE_KEY])
    fc.assert(
      fc.property(fc.uuid(), fc.nat(), fc.string({ unit: 'binary' }), (id, timestamp, body) => {
        const signature = sign?.(id, timestamp, body) ?? ''
        expect(isSignedBy(publicKeyOf(PUBLIC), signature, `${id}.${timestamp}.${body}`)).toBe(true)
        expect(isSignedBy(publicKeyOf(PUBLIC), signature, `${id}.${timestamp + 1}.${body}`)).toBe(false)
      }),
    )
  })
})

/** Secrets that can't sign, with what is said about them. */
const UNUSABLE: readonly (readonly [secret: string, message: string])[] = [
  ['whsec_', 'nothing follows whsec_: base64 is expected'],
  ['whsec_%%%', 'whsec_ is followed by base64, and this is not'],
  ['whsec_abcde', 'whsec_ is followed by base64, and this is not'],
  ['whsec_ab-_', 'whsec_ is followed by base64, and this is not'],
  ['whsk_%%%', 'whsk_ is followed by base64, and this is not'],
  ...[0, 31, 33, 63, 65].map(
    (size) =>
      [
        `whsk_${Buffer.alloc(size, 7).toString('base64')}`,
        `whsk_ is followed by the 32 bytes of an Ed25519 private key, or 64 with its public key, in base64; these are ${size}`,
      ] as const,
  ),
  [
    `whsk_${Buffer.concat([SEED, SEED]).toString('base64')}`,
    'the second half of what follows whsk_ is not the public key of the first',
  ],
  [
    `whpk_${PUBLIC.toString('base64')}`,
    "whpk_ begins a public key, which can't sign: the private key, whsk_ and base64, is expected",
  ],
]

describe('A configuration', () => {
  test.each(UNUSABLE)('is refused with its place for the secret %s', (secret, message) => {
    const text = `webhooks:\n  - id: w\n    profile: custom\n    url: https://h/\n    signing: { secrets: [{ env: GOOD }, { env: BAD }] }`
    const result = parseConfig(text, 'f', { GOOD: OLD, BAD: secret })
    expect(result.kind === 'refused' && result.issues.map(formatIssue)).toEqual([
      `f:5:41 webhooks.0.signing.secrets.1: ${message}`,
    ])
    expect(() => compileSigner([OLD, secret])).toThrow(message)
  })

  test.each([OLD, 'whsec_YQ', 'whsec_YQ==', PLAIN, PRIVATE_KEY, KEY_PAIR, PRIVATE_KEY.replace('=', '')])(
    'may hold %s',
    (secret) => {
      expect(readSigningSecret(secret).kind).toBe(secret.startsWith('whsk_') ? 'ed25519' : 'hmac-sha256')
    },
  )

  test('with a private key signs with it, and tells it nowhere', async () => {
    const receiver = await startReceiver()
    const world = await startWorld(webhooksTo(receiver, 'signing: { secret: { env: PRIVATE_KEY } }'), ENVIRONMENT)
    const answer = await world.post('/v1/webhooks/w/invoke', { type: 'call', data: { ani: '1' } })
    expect(receiver.received[0]?.headers['webhook-signature']).toMatch(/^v1a,/)
    const rendered = await world.post('/v1/webhooks/w/render', { type: 'call', data: { ani: '1' } })
    const told = await Promise.all(
      ['/v1/stats', '/metrics', '/v1/deliveries'].map(async (path) => (await fetch(`${world.url}${path}`)).text()),
    )
    told.push(JSON.stringify([answer, rendered, world.logged]))
    expect(told.filter((text) => text.includes(SEED.toString('base64').slice(0, 20)))).toEqual([])
  })
})
