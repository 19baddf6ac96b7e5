/**
 * Where a webhook's requests go. Invariant: webhooks share an endpoint, and with it connections and circuit, only where they
 * have the same origin and may reach the same addresses. Used by `webhooks.ts`.
 */
import { createHash } from 'node:crypto'
import type { Endpoint } from '../model/webhook.ts'

/** Hexadecimal digits of the digest in an endpoint's id: enough to tell the few sets of ranges of one origin apart. */
const DIGEST_LENGTH = 8

/**
 * The endpoint of an absolute URL that compiles; tokens stand only behind its host. `allow` are the ranges of the engine and
 * `ownAllow` those that the webhook adds.
 */
export function endpointOf(url: string, allow: readonly string[], ownAllow: readonly string[]): Endpoint {
  const [authority = url] = /^https?:\/\/[^/?#\\]*/i.exec(url.trim()) ?? []
  const { origin } = new URL(authority)
  const added = ownAllow.filter((range) => !allow.includes(range))
  const ranges = [...allow, ...new Set(added)]
  if (added.length === 0) return { id: origin, origin, allow: ranges }
  const digest = createHash('sha256').update(ranges.toSorted().join(' ')).digest('hex').slice(0, DIGEST_LENGTH)
  return { id: `${origin}#${digest}`, origin, allow: ranges }
}
