/**
 * A whole Switchhook as a process of its own: the service that `switchhook serve` starts, told what to do by the bench and
 * able to say what its main thread went through. Used by every bench that has the engine in it.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { trace } from '@opentelemetry/api'
import { destination } from 'pino'
import type { EngineConfig } from '../../src/config/engine-config.ts'
import { loadConfigBeside } from '../../src/config/load-beside.ts'
import { createLog } from '../../src/logging/log.ts'
import { type Service, startService } from '../../src/service.ts'
import { answerCommands } from '../processes/answering.ts'
import { CountingProvider } from '../tracing/counting-provider.ts'
import { type EngineWish, engineConfig } from './engine-config.ts'

/** What the process is asked. */
export type EngineCommands = {
  /** Starts the service; gives its origin. */
  readonly start: (wish: EngineWish) => Promise<string>
  /** Spans that its listener has got. */
  readonly spans: (input: undefined) => number
  /** Resolves when nothing is pending and nothing in flight. */
  readonly settled: (input: undefined) => Promise<void>
  /** Watches the main thread's loop from now on. */
  readonly watchLoop: (input: undefined) => void
  /** Ends that; gives the delays since, beyond the millisecond at which is looked. */
  readonly loopDelay: (input: undefined) => LoopDelay
  /** Makes a configuration ready for {@link reload}, which else would be part of what is measured. */
  readonly prepareReload: (next: EngineWish) => void
  /** Puts the file's configuration into force, read as a reload reads it; without a file the one made ready. */
  readonly reload: (input: { readonly file?: string }) => Promise<void>
}

/** Of the main thread's loop, in milliseconds. */
export interface LoopDelay {
  readonly p99Ms: number
  readonly mostMs: number
}

/** How often is looked whether all is settled. */
const LOOK_MS = 20

/** How often the loop's delay is measured. */
const LOOP_RESOLUTION_MS = 1

/** A log of what would spoil the bench. */
const ERRORS_ALONE = { info: quiet, warn: quiet, error: (_fields: object, text: string) => console.error(text) }

answerCommands(engineCommands())

function engineCommands(): EngineCommands {
  let started: Service | undefined
  let provider: CountingProvider | undefined
  let next: EngineConfig | undefined
  let watch: ReturnType<typeof monitorEventLoopDelay> | undefined
  const service = (): Service => {
    if (started === undefined) throw new Error('start comes first')
    return started
  }
  return {
    start: async (wish) => {
      if (wish.tracing === 'unsampled' || wish.tracing === 'sampled') {
        provider = new CountingProvider(wish.tracing)
        trace.setGlobalTracerProvider(provider)
      }
      const log = wish.recording === 'on' ? createLog(destination('/dev/null')) : ERRORS_ALONE
      const countsMetrics = wish.recording !== 'off'
      started = await startService({ config: engineConfig(wish), version: '0.1.0', log, countsMetrics })
      return started.url
    },
    spans: () => provider?.ended ?? 0,
    settled: async () => {
      const { engine } = service()
      while (waiting(await engine.stats()) > 0) await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    },
    watchLoop: () => {
      watch = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS })
      watch.enable()
    },
    loopDelay: () => {
      if (watch === undefined) throw new Error('watchLoop comes first')
      watch.disable()
      const beyondMs = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - LOOP_RESOLUTION_MS)
      return { p99Ms: beyondMs(watch.percentile(99)), mostMs: beyondMs(watch.max) }
    },
    prepareReload: (wish) => {
      next = engineConfig(wish)
      // What making it left behind is collected now, not while it is put into force.
      globalThis.gc?.()
    },
    reload: async ({ file }) => {
      const config = file === undefined ? next : await loadFile(file)
      if (config === undefined) throw new Error('prepareReload comes first')
      await service().reload(config)
    },
  }
}

async function loadFile(file: string): Promise<EngineConfig> {
  const loaded = await loadConfigBeside(file, {})
  if (loaded.kind === 'loaded') return loaded.config
  throw new Error(loaded.issues[0]?.message)
}

function quiet(): void {
  // A bench's output is its report.
}

/** Deliveries that wait or fly, of the engine's live figures. */
function waiting(stats: Readonly<Record<string, unknown>>): number {
  const { outbox, inFlight } = stats
  const pending = typeof outbox === 'object' && outbox !== null && 'pending' in outbox ? Number(outbox.pending) : 0
  return pending + Number(inFlight)
}
