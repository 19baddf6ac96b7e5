/**
 * What of a configuration only a start can change: where the API listens, which store is open, how many threads send.
 * Asked by the service when it takes over another configuration.
 */
import type { EngineConfig } from './engine-config.ts'

/** Each such key as it is written, and its value. */
const FIXED: readonly (readonly [key: string, value: (config: EngineConfig) => unknown])[] = [
  ['listen.host', ({ listen }) => listen.host],
  ['listen.port', ({ listen }) => listen.port],
  ['listen.keepAlive', ({ listen }) => listen.keepAliveMs],
  ['listen.connections', ({ listen: { connections } }) => `${connections.total} ${connections.perAddress}`],
  // Other certificates count at once; speaking TLS at all, and asking for clients' certificates, does not.
  ['listen.tls', ({ listen: { tls } }) => (tls === undefined ? 'none' : typeof tls.clientCa)],
  ['listen.connections.total', ({ listen }) => listen.connections.total],
  ['listen.connections.perAddress', ({ listen }) => listen.connections.perAddress],
  // Certificates can be renewed; whether there are any can't.
  ['listen.tls', ({ listen }) => listen.tls === undefined],
  ['store.engine', ({ store }) => store.engine],
  ['store.path', ({ store }) => store.path],
  ['store.minFree', ({ store }) => store.minFreeBytes],
  ['workers', ({ workers }) => workers],
]

/** The keys whose values in `next` wait for the next start, since it runs with those of `running`. */
export function keysForNextStart(running: EngineConfig, next: EngineConfig): readonly string[] {
  return FIXED.filter(([, value]) => value(running) !== value(next)).map(([key]) => key)
}
