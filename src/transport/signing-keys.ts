/**
 * The forms in which a signing secret can be written (Standard Webhooks, "Signature scheme"): `whsec_` and base64 for HMAC-SHA256,
 * `whsk_` and base64 for an Ed25519 private key, any other text for HMAC-SHA256 by its bytes. Invariant: no message repeats any
 * of it. Read by `sign.ts`, and by the configuration, so that what is loaded can sign.
 */
import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject } from 'node:crypto'

/** A key that signs, or why there is none, in words that go on from the name of the place. */
export type SigningKey =
  | { readonly kind: 'hmac-sha256'; readonly key: KeyObject }
  | { readonly kind: 'ed25519'; readonly key: KeyObject }
  | { readonly kind: 'refused'; readonly message: string }

const SYMMETRIC_PREFIX = 'whsec_'
const PRIVATE_PREFIX = 'whsk_'
const PUBLIC_PREFIX = 'whpk_'

/** Padding may be left out. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/

/** Bytes of an Ed25519 private key, and of a public one (RFC 8032, 5.1.5). */
const KEY_BYTES = 32

/** What stands before the 32 bytes of a private key in PKCS #8 (RFC 8410, 7). */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex')

/** Reads one secret; never throws. An Ed25519 key has 32 bytes, or 64 with its public key behind it. */
export function readSigningSecret(secret: string): SigningKey {
  if (secret.startsWith(SYMMETRIC_PREFIX)) {
    const bytes = fromBase64(secret.slice(SYMMETRIC_PREFIX.length))
    if (bytes === undefined) return refused('whsec_ is followed by base64, and this is not')
    return bytes.length === 0 ? refused('nothing follows whsec_: base64 is expected') : symmetric(bytes)
  }
  if (secret.startsWith(PRIVATE_PREFIX)) return readPrivateKey(secret.slice(PRIVATE_PREFIX.length))
  if (secret.startsWith(PUBLIC_PREFIX)) {
    return refused("whpk_ begins a public key, which can't sign: the private key, whsk_ and base64, is expected")
  }
  return secret === '' ? refused('it is empty') : symmetric(Buffer.from(secret, 'utf8'))
}

function readPrivateKey(encoded: string): SigningKey {
  const bytes = fromBase64(encoded)
  if (bytes === undefined) return refused('whsk_ is followed by base64, and this is not')
  if (bytes.length !== KEY_BYTES && bytes.length !== 2 * KEY_BYTES) {
    return refused(
      `whsk_ is followed by the ${KEY_BYTES} bytes of an Ed25519 private key, or ${2 * KEY_BYTES} with its public key, in base64; these are ${bytes.length}`,
    )
  }
  const key = createPrivateKey({
    key: Buffer.concat([PKCS8_HEAD, bytes.subarray(0, KEY_BYTES)]),
    format: 'der',
    type: 'pkcs8',
  })
  if (bytes.length > KEY_BYTES && !publicBytesOf(key).equals(bytes.subarray(KEY_BYTES))) {
    return refused('the second half of what follows whsk_ is not the public key of the first')
  }
  return { kind: 'ed25519', key }
}

/** The last bytes of its DER form are the key itself (RFC 8410, 4). */
function publicBytesOf(privateKey: KeyObject): Buffer {
  return createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-KEY_BYTES)
}

function symmetric(bytes: Buffer): SigningKey {
  return { kind: 'hmac-sha256', key: createSecretKey(bytes) }
}

function fromBase64(encoded: string): Buffer | undefined {
  return BASE64.test(encoded) ? Buffer.from(encoded, 'base64') : undefined
}

function refused(message: string): SigningKey {
  return { kind: 'refused', message }
}
