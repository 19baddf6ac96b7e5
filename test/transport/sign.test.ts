/** The fields of an attempt, checked with the Standard Webhooks reference library. */
import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { describe, expect, test } from 'vitest'
import { attemptHeaders, compileSigner, createAttemptSigner } from '../../src/transport/sign.ts'

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00'
const OTHER = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'

/** Fields as an object, which fails where one comes twice. */
const recordOf = (fields: readonly string[]) => {
  const record: Record<string, string> = {}
  for (let index = 0; index < fields.length; index += 2) {
    const name = fields[index] ?? ''
    expect(record).not.toHaveProperty([name])
    record[name] = fields[index + 1] ?? ''
  }
  return record
}

const attempt = (changes: Partial<Parameters<typeof attemptHeaders>[0]> = {}) =>
  recordOf(
    attemptHeaders({
      webhookId: 'msg_1',
      nowMs: 1_700_000_000_999,
      body: '{"a":"é"}',
      sign: undefined,
      userAgent: 'switchhook/1.2.3',
      traceparent: TRACEPARENT,
      ...changes,
    }),
  )

describe('The fields of an attempt', () => {
  test('name the engine, the delivery and the second', () => {
    expect(attempt()).toEqual({
      'user-agent': 'switchhook/1.2.3',
      'accept-encoding': 'identity',
      'webhook-id': 'msg_1',
      'webhook-timestamp': '1700000000',
      traceparent: TRACEPARENT,
    })
  })

  test('follow those of the request', () => {
    const signer = createAttemptSigner([SECRET], '1.2.3')
    const fields = signer.headers({ headers: ['content-type', 'text/plain'], body: 'x' }, 'msg_1', 1000, '')
    expect(fields.slice(0, 4)).toEqual(['content-type', 'text/plain', 'user-agent', 'switchhook/1.2.3'])
    expect(recordOf(fields)).toHaveProperty('webhook-signature')
  })
})

describe('A signature', () => {
  test('is the one that the specification shows', () => {
    const body = '{"test": 2432232314}'
    const id = 'msg_p5jXN8AQM9LWM0D4loKWxJek'
    expect(compileSigner([SECRET])?.(id, 1_614_265_330, body)).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
  })

  test('is verified by the reference library, whatever the body', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.uuid(), (body, webhookId) => {
        const fields = attempt({ webhookId, body, nowMs: Date.now(), sign: compileSigner([SECRET]) })
        expect(() => new Webhook(SECRET).verify(body, fields, { jsonParse: false })).not.toThrow()
        expect(() => new Webhook(OTHER).verify(body, fields, { jsonParse: false })).toThrow()
        expect(() => new Webhook(SECRET).verify(`${body}.`, fields, { jsonParse: false })).toThrow()
      }),
    )
  })

  test('of no body is that of an empty one', () => {
    const sign = compileSigner([SECRET])
    expect(attempt({ sign, body: null })).toEqual(attempt({ sign, body: '' }))
  })

  test('comes once for each secret, and each of them verifies', () => {
    const fields = attempt({ body: 'x', nowMs: Date.now(), sign: compileSigner([SECRET, OTHER]) })
    expect(fields['webhook-signature']?.split(' ')).toHaveLength(2)
    for (const secret of [SECRET, OTHER]) {
      expect(() => new Webhook(secret).verify('x', fields, { jsonParse: false })).not.toThrow()
    }
  })

  test('takes a plain secret by its bytes', () => {
    const fields = attempt({ body: 'x', nowMs: Date.now(), sign: compileSigner(['geheim: ß']) })
    const same = `whsec_${Buffer.from('geheim: ß').toString('base64')}`
    expect(() => new Webhook(same).verify('x', fields, { jsonParse: false })).not.toThrow()
  })

  test('is not made without a secret', () => {
    expect(compileSigner([])).toBeUndefined()
    expect(attempt({ sign: compileSigner([]) })).not.toHaveProperty('webhook-signature')
  })

  test.each(['whsec_', '', 'whsec_not base64!', 'whsec_abcde'])('is not made with the secret %j', (secret) => {
    expect(() => compileSigner([secret])).toThrow(/a signing secret/)
  })
})
