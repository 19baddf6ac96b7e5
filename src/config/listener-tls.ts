/**
 * `listen.tls`: certificates of the API's own listener, read while the configuration is loaded, so that a key that does not
 * belong to its certificate is a mistake with a place and not a listener that nobody can reach.
 * Used by the section `listen`.
 */
import type { z } from 'zod'
import { section } from '../profiles/settings.ts'
import type { ListenTlsConfig } from './engine-config.ts'
import { certificatesField, identityMistake, privateKeyField } from './pem.ts'

/** `{ cert, key, clientCa }`, each as `secret` reads it: `{ file: PATH }` or `{ env: NAME }`. */
export function listenerTlsSection(secret: z.ZodType<string>): z.ZodType<ListenTlsConfig> {
  return section({
    cert: certificatesField(secret),
    key: privateKeyField(secret),
    clientCa: certificatesField(secret).optional(),
  })
    .superRefine(({ cert, key }, context) => {
      const mistake = identityMistake(cert, key)
      if (mistake !== undefined) context.addIssue({ code: 'custom', path: [mistake.at], message: mistake.message })
    })
    .transform(({ cert, key, clientCa }) => (clientCa === undefined ? { cert, key } : { cert, key, clientCa }))
}
