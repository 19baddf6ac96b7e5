/**
 * Finds OpenTelemetry, which is no dependency of Switchhook: who wants spans installs its API, and an SDK that takes them.
 * Invariant: where tracing was not asked for, nothing of it is loaded. Called by the service where the configuration says so.
 */
import { SwitchhookError } from '../errors.ts'
import { OpenTelemetryTracing } from './open-telemetry.ts'
import type { OpenTelemetryApi } from './spans.ts'
import type { Tracing } from './tracing.ts'

const PACKAGE = '@opentelemetry/api'

/** OpenTelemetry as a tracer, and whether somebody takes its spans by now. */
export interface LoadedTracing {
  readonly tracing: Tracing
  /** False: no tracer provider is registered yet. */
  readonly isHeard: boolean
}

/** Spans by OpenTelemetry's API; throws `config` where that is not installed. `load` is for tests. */
export async function loadTracing(
  load: () => Promise<OpenTelemetryApi> = () => import('@opentelemetry/api'),
): Promise<LoadedTracing> {
  const api = await load().catch((error: unknown) => {
    if (!isMissing(error)) throw error
    throw new SwitchhookError(
      'config',
      `tracing.enabled: the package ${PACKAGE} is not installed: npm install ${PACKAGE} beside switchhook, or leave tracing out`,
      { cause: error },
    )
  })
  const tracing = new OpenTelemetryTracing(api)
  return { tracing, isHeard: tracing.isHeard }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
}
