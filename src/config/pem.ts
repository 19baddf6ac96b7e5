/**
 * Certificates and private keys in PEM, read while the configuration is loaded: what can't be used, and a key that does not
 * belong to its certificate, is a mistake with a place and not a handshake that fails for everybody later.
 * Used by every section that has TLS settings.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import type { z } from 'zod'
import { messageOf } from '../errors.ts'

const EXPECTED_CERTIFICATE = 'no certificate in PEM: -----BEGIN CERTIFICATE----- is expected'
const EXPECTED_KEY = 'no private key in PEM that can be read without a password'

const PEM_CERTIFICATE =
  /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]+-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g

/** One or more certificates; `secret` reads the text. */
export function certificatesField(secret: z.ZodType<string>): z.ZodType<string> {
  return secret.superRefine((text, context) => {
    if (certificatesIn(text) === undefined) context.addIssue(`holds ${EXPECTED_CERTIFICATE}`)
  })
}

/** A private key without a password; `secret` reads the text. */
export function privateKeyField(secret: z.ZodType<string>): z.ZodType<string> {
  return secret.superRefine((text, context) => {
    if (keyIn(text) === undefined) context.addIssue(`holds ${EXPECTED_KEY}`)
  })
}

/** What is wrong with a certificate and its key, each of which can be read; `undefined` where they can be used together. */
export function identityMistake(
  cert: string,
  key: string,
): { readonly at: 'cert' | 'key'; readonly message: string } | undefined {
  const [own] = certificatesIn(cert) ?? []
  const privateKey = keyIn(key)
  if (own === undefined || privateKey === undefined) return undefined
  if (!own.checkPrivateKey(privateKey)) {
    const message = 'does not belong to the certificate: the first in cert must be the one that was made for this key'
    return { at: 'key', message }
  }
  try {
    createSecureContext({ cert, key })
    return undefined
  } catch (thrown) {
    // OpenSSL refuses keys that are too short, for example.
    return { at: 'cert', message: `can't be used: ${messageOf(thrown)}` }
  }
}

/** All certificates of a text, the owner's own first; `undefined` where there is none or one can't be read. */
function certificatesIn(text: string): readonly X509Certificate[] | undefined {
  const blocks = text.match(PEM_CERTIFICATE) ?? []
  try {
    return blocks.length === 0 ? undefined : blocks.map((block) => new X509Certificate(block))
  } catch {
    return undefined
  }
}

function keyIn(text: string): ReturnType<typeof createPrivateKey> | undefined {
  try {
    return createPrivateKey(text)
  } catch {
    return undefined
  }
}
