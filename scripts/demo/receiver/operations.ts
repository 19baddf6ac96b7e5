/**
 * The operations centre: takes a signed feed of everything. Signatures are checked as the Standard Webhooks specification
 * describes, with nothing but `node:crypto`.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { readJson } from '../content.ts'
import { type Customer, type CustomerRequest, ok, textOf } from './customer.ts'

/** Oldest signature that is taken, in seconds: "webhook-timestamp" guards against replays. */
const TOLERANCE_S = 300

/** The customer; `secret` is `whsec_` and base64. */
export function operations(secret: string): Customer {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  return {
    name: 'operations',
    resources: {
      '/ops-feed': {
        webhook: 'ops-feed',
        job: 'delivery',
        methods: ['POST'],
        read: (request) => {
          checkSignature(request, key)
          const content = readJson(request.body)
          return { call: textOf(content, 'call'), content }
        },
        answer: ok,
      },
    },
  }
}

function checkSignature({ headers, body }: CustomerRequest, key: Buffer): void {
  const timestamp = String(headers['webhook-timestamp'])
  const ageS = Date.now() / 1000 - Number(timestamp)
  if (!(Math.abs(ageS) < TOLERANCE_S)) throw new Error(`the timestamp ${timestamp} is too far from now`)
  const signed = `${String(headers['webhook-id'])}.${timestamp}.${body}`
  const expected = createHmac('sha256', key).update(signed).digest()
  const isSigned = String(headers['webhook-signature'])
    .split(' ')
    .map((signature) => Buffer.from(signature.replace(/^v1,/, ''), 'base64'))
    .some((given) => given.length === expected.length && timingSafeEqual(given, expected))
  if (!isSigned) throw new Error('the signature is wrong')
}
