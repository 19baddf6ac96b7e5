/**
 * Finds OpenTelemetry, which is no dependency of Switchhook: who wants spans installs its API, and an SDK that takes them.
 * Called by `load.ts`, apart from it so that nobody needs the types of what may be missing.
 */
import { codeOf, SwitchhookError } from '../errors.ts'
import { OpenTelemetryTracing } from './open-telemetry.ts'
import type { OpenTelemetryApi } from './spans.ts'
import type { LoadedTracing } from './tracing.ts'

const PACKAGE = '@opentelemetry/api'

/** Spans by the API that `load` gives; throws `config` where it is not installed. */
export async function tracingOfPeer(load: () => Promise<OpenTelemetryApi>): Promise<LoadedTracing> {
  const api = await load().catch((error: unknown) => {
    if (codeOf(error) !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new SwitchhookError(
      'config',
      `tracing.enabled: the package ${PACKAGE} is not installed: npm install ${PACKAGE} beside switchhook, or leave tracing out`,
      { cause: error },
    )
  })
  const tracing = new OpenTelemetryTracing(api)
  return { tracing, isHeard: tracing.isHeard }
}
