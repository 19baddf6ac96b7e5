/**
 * A webhook's `tls`: whom it trusts instead of the system's authorities, and the certificate that it shows (mTLS).
 * All of it comes from files or the environment and is read, like every secret, whenever the configuration is.
 * Used by the keys that every webhook takes.
 */
import { isIP } from 'node:net'
import { z } from 'zod'
import type { TlsIdentity } from '../model/webhook.ts'
import { expected } from '../profiles/mistake.ts'
import { section } from '../profiles/settings.ts'
import { certificatesField, identityMistake, privateKeyField } from './pem.ts'

/** `tls: { ca, cert, key, serverName }`. */
export function webhookTlsField(secret: z.ZodType<string>): z.ZodType<TlsIdentity> {
  return section({
    ca: certificatesField(secret).optional(),
    cert: certificatesField(secret).optional(),
    key: privateKeyField(secret).optional(),
    serverName: serverNameField().optional(),
  }).transform(({ ca, cert, key, serverName }, context): TlsIdentity => {
    const refuse = (path: string[], message: string, at: 'key' | 'value'): void =>
      context.addIssue({ code: 'custom', path, message, params: { at } })
    if (cert !== undefined && key === undefined)
      refuse(['cert'], 'has no key beside it: its private key is expected', 'key')
    if (cert === undefined && key !== undefined)
      refuse(['key'], 'has no cert beside it: its certificate is expected', 'key')
    const mistake = cert === undefined || key === undefined ? undefined : identityMistake(cert, key)
    if (mistake !== undefined) refuse([mistake.at], mistake.message, 'value')
    return {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined || key === undefined ? {} : { cert, key }),
      ...(serverName === undefined ? {} : { serverName }),
    }
  })
}

/** A host name as server name indication can carry it (RFC 6066, section 3): no address, no dot at the end. */
function serverNameField(): z.ZodType<string> {
  const error = expected('a host name such as crm.example.com')
  const label = '[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?'
  return z
    .string({ error })
    .max(253, { error })
    .regex(new RegExp(`^${label}(?:\\.${label})*$`), { error })
    .refine((name) => isIP(name) === 0, { error })
}
