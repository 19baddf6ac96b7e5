/**
 * The header fields that every attempt adds to a rendered request: Standard Webhooks id, timestamp and signatures, the user agent
 * and the W3C trace context. Pure: the same attempt gives the same fields, the time comes in. Secrets are decoded once a webhook.
 */
import { createHmac, sign as signBytes } from 'node:crypto'
import { SwitchhookError } from '../errors.ts'
import { readSigningSecret } from './signing-keys.ts'

/** Signs one attempt: `v1,<base64>` (HMAC-SHA256) or `v1a,<base64>` (Ed25519), one for each secret, separated by spaces. */
export type Signer = (webhookId: string, timestampSeconds: number, body: string) => string

/** Whatever is signed and sent: a rendered request. */
export interface SignableRequest {
  /** Name, value, name, value … */
  readonly headers: readonly string[]
  readonly body: string | null
}

/** One attempt's share of the header fields. */
export interface AttemptHeaders {
  /** The same for every attempt of a delivery. */
  readonly webhookId: string
  /** Milliseconds since the epoch; sent in seconds. */
  readonly nowMs: number
  readonly body: string | null
  /** Absent: not signed. */
  readonly sign: Signer | undefined
  /** `switchhook/1.2.3`. */
  readonly userAgent: string
  /** W3C trace context of this attempt. */
  readonly traceparent: string
}

/** Makes the complete header fields of a webhook's attempts. */
export interface AttemptSigner {
  /** Name, value, name, value …: the request's fields, then the attempt's; an array of the caller's own. */
  headers(request: SignableRequest, webhookId: string, nowMs: number, traceparent: string): string[]
}

/** Compiles secrets (see `signing-keys.ts`) to a signer; none gives none. Throws a `config` error for one that can't sign. */
export function compileSigner(secrets: readonly string[]): Signer | undefined {
  const schemes = secrets.map(compileScheme)
  if (schemes.length === 0) return undefined
  return (webhookId, timestampSeconds, body) => {
    const signed = Buffer.from(`${webhookId}.${timestampSeconds}.${body}`)
    return schemes.map((scheme) => scheme(signed)).join(' ')
  }
}

/** The fields `request` and those that an attempt adds behind them: name, value, name, value … */
export function attemptHeaders(attempt: AttemptHeaders, request: readonly string[] = []): string[] {
  const { webhookId, nowMs, body, sign, userAgent, traceparent } = attempt
  const timestampSeconds = Math.floor(nowMs / 1000)
  const fields = [
    ...request,
    'user-agent',
    userAgent,
    // Nothing is decoded: an encoded answer would be a way round the limit of its size.
    'accept-encoding',
    'identity',
    'webhook-id',
    webhookId,
    'webhook-timestamp',
    String(timestampSeconds),
    'traceparent',
    traceparent,
  ]
  if (sign !== undefined) fields.push('webhook-signature', sign(webhookId, timestampSeconds, body ?? ''))
  return fields
}

/** Prepares a webhook's signing; `version` is the engine's. Throws as {@link compileSigner} does. */
export function createAttemptSigner(secrets: readonly string[], version: string): AttemptSigner {
  const sign = compileSigner(secrets)
  const userAgent = `switchhook/${version}`
  return {
    headers: ({ headers, body }, webhookId, nowMs, traceparent) =>
      attemptHeaders({ webhookId, nowMs, body, sign, userAgent, traceparent }, headers),
  }
}

/** One secret's part of the signature field. */
function compileScheme(secret: string): (signed: Buffer) => string {
  const read = readSigningSecret(secret)
  switch (read.kind) {
    case 'hmac-sha256':
      return (signed) => `v1,${createHmac('sha256', read.key).update(signed).digest('base64')}`
    case 'ed25519':
      return (signed) => `v1a,${signBytes(null, signed, read.key).toString('base64')}`
    case 'refused':
      throw new SwitchhookError('config', `a signing secret can't be used: ${read.message}`)
  }
}
