/**
 * What of a configuration only a start can change: where the API listens, which store is open, how many threads send - and what
 * looks too much like an accident to be taken over while calls run. Asked when another configuration is to take effect.
 */
import type { EngineConfig } from './engine-config.ts'

/** The sections that such keys are in; kept for as long as the process runs, unlike the webhooks that it was started with. */
export type FixedSections = Pick<EngineConfig, 'listen' | 'store' | 'tracing' | 'workers'>

/** Each such key as it is written, and its value. */
const FIXED: readonly (readonly [key: string, value: (config: FixedSections) => unknown])[] = [
  ['listen.host', ({ listen }) => listen.host],
  ['listen.port', ({ listen }) => listen.port],
  ['listen.keepAlive', ({ listen }) => listen.keepAliveMs],
  // Other certificates count at once; speaking TLS at all, and asking for clients' certificates, does not.
  ['listen.tls', ({ listen: { tls } }) => (tls === undefined ? 'none' : typeof tls.clientCa)],
  ['listen.connections.total', ({ listen }) => listen.connections.total],
  ['listen.connections.perAddress', ({ listen }) => listen.connections.perAddress],
  ['store.engine', ({ store }) => store.engine],
  ['store.path', ({ store }) => store.path],
  ['store.minFree', ({ store }) => store.minFreeBytes],
  ['tracing.enabled', ({ tracing }) => tracing.enabled],
  ['workers', ({ workers }) => workers],
]

/**
 * Why `next` may not take the place of `running` although nothing in it is wrong: what a file looks like that was emptied or cut
 * off by a full disk or an interrupted copy. Undefined where it may; whoever means it restarts.
 */
export function reloadMistake(running: EngineConfig, next: EngineConfig): string | undefined {
  if (running.tokens.length > 0 && next.tokens.length === 0) {
    return 'auth.tokens: all tokens are gone, and without any whoever is on this machine may do everything: that takes a restart'
  }
  if (running.webhooks.length > 0 && next.webhooks.length + next.templates.length + next.bindings.length === 0) {
    return 'webhooks: all webhooks are gone, and with them every delivery that waits would be dead: that takes a restart'
  }
  return undefined
}

/** Those of a configuration. */
export function fixedSections({ listen, store, tracing, workers }: EngineConfig): FixedSections {
  return { listen, store, tracing, workers }
}

/** The keys whose values in `next` wait for the next start, since it runs with those of `running`. */
export function keysForNextStart(running: FixedSections, next: FixedSections): readonly string[] {
  return FIXED.filter(([, value]) => value(running) !== value(next)).map(([key]) => key)
}
