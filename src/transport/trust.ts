/**
 * Who is trusted and who we are in TLS. Invariant: TLS 1.2 at least (RFC 8996), certificates always verified, whatever
 * environment variables say. Contexts are made when first needed, since reading certificates takes milliseconds.
 * Used by the connector and by tunnels through a proxy.
 */
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls'
import type { TlsIdentity } from '../model/webhook.ts'

/** The lowest version of TLS that is spoken (RFC 8996 forbids those below). */
const MIN_TLS_VERSION = 'TLSv1.2'

/** A TLS context that is made when it is first asked for; throws then what OpenSSL says of the PEM texts. */
export type ContextSource = () => SecureContext

/** The TLS contexts of one transport. */
export class Trust {
  readonly #extraAuthorities: readonly string[]
  readonly #systemContext: ContextSource

  /** `extraAuthorities` (PEM) are trusted beside the system's. */
  constructor(extraAuthorities: readonly string[]) {
    this.#extraAuthorities = extraAuthorities
    this.#systemContext = lazily(() => createSecureContext({ minVersion: MIN_TLS_VERSION, ...this.#authorities() }))
  }

  /** The context for `identity`; without one, that of the system's authorities, which all such endpoints share. */
  contextFor(identity: TlsIdentity | undefined): ContextSource {
    const { ca, cert, key } = identity ?? {}
    if (ca === undefined && cert === undefined) return this.#systemContext
    return lazily(() =>
      createSecureContext({
        minVersion: MIN_TLS_VERSION,
        ...(ca === undefined ? this.#authorities() : { ca }),
        ...(cert === undefined || key === undefined ? {} : { cert, key }),
      }),
    )
  }

  /** Nothing where the system's alone count: Node.js then shares one store of them between all contexts. */
  #authorities(): { readonly ca?: string[] } {
    if (this.#extraAuthorities.length === 0) return {}
    return { ca: [...getCACertificates('default'), ...this.#extraAuthorities] }
  }
}

function lazily(make: ContextSource): ContextSource {
  let made: SecureContext | undefined
  return () => {
    made ??= make()
    return made
  }
}
