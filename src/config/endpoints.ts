/**
 * Where a webhook's requests go. Invariant: webhooks share an endpoint, and with it connections and circuit, only where they
 * have the same origin, may reach the same addresses and have the same TLS settings. Used by `webhooks.ts`.
 */
import { createHash } from 'node:crypto'
import type { Endpoint, TlsIdentity } from '../model/webhook.ts'
import type { NetworkConfig } from './engine-config.ts'

/** Hexadecimal digits of the digest in an endpoint's id: enough to tell the few kinds of endpoints of one origin apart. */
const DIGEST_LENGTH = 8

/** What an endpoint has beside its URL. */
export interface EndpointSettings {
  readonly network: Pick<NetworkConfig, 'allow' | 'proxy'>
  /** Ranges that the webhook adds to those of the engine. */
  readonly ownAllow: readonly string[]
  readonly tls?: TlsIdentity | undefined
}

/** The endpoint of an absolute URL that compiles; tokens stand only behind its host. */
export function endpointOf(url: string, { network, ownAllow, tls }: EndpointSettings): Endpoint {
  const [authority = url] = /^https?:\/\/[^/?#\\]*/i.exec(url.trim()) ?? []
  const { origin, protocol } = new URL(authority)
  const added = [...new Set(ownAllow.filter((range) => !network.allow.includes(range)))]
  const allow = [...network.allow, ...added]
  // What makes it another endpoint than the origin's usual one; never the key, since ids are shown.
  const marks = added.length === 0 ? [] : [allow.toSorted().join(' ')]
  const identity = protocol === 'https:' && tls !== undefined && Object.keys(tls).length > 0 ? tls : undefined
  if (identity !== undefined) marks.push(JSON.stringify([identity.ca, identity.cert, identity.serverName]))
  const digest = createHash('sha256').update(marks.join('\n')).digest('hex').slice(0, DIGEST_LENGTH)
  return {
    id: marks.length === 0 ? origin : `${origin}#${digest}`,
    origin,
    allow,
    ...(identity === undefined ? {} : { tls: identity }),
    ...(network.proxy === undefined ? {} : { proxy: network.proxy }),
  }
}
