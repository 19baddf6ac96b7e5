/**
 * Spans by OpenTelemetry, for the service where the configuration asks for them, and for programs that embed Switchhook. Invariants:
 * where tracing was not asked for, nothing of OpenTelemetry is loaded; the declarations of this file name none of its types, which a
 * program in TypeScript may not have.
 */
import { tracingOfPeer } from './peer.ts'
import type { LoadedTracing } from './tracing.ts'

/** Spans by OpenTelemetry's API; throws `config` where that is not installed. */
export function loadTracing(): Promise<LoadedTracing> {
  return tracingOfPeer(() => import('@opentelemetry/api'))
}
