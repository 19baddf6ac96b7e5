/**
 * A whole Switchhook in one call: outbox, engine and HTTP ingress put together from a configuration, given another one
 * while they run, and taken down in the order that loses nothing. For the command line and for programs that embed it.
 */
import { systemClock } from './clock.ts'
import type { EngineConfig, StoreConfig } from './config/engine-config.ts'
import { type FixedSections, fixedSections, keysForNextStart } from './config/next-start.ts'
import { Engine, type EngineSettings } from './engine/engine.ts'
import type { EngineLog } from './engine/reports.ts'
import { SendingThreads } from './engine/send/threads.ts'
import { type Ingress, type IngressOptions, startIngress } from './ingress/http/server.ts'
import type { MetricsPort } from './ingress/ports/metrics-port.ts'
import type { Merged } from './manage/layers.ts'
import { Management } from './manage/management.ts'
import type { Metrics } from './metrics/metrics.ts'
import { contentTypeOf, formatFor } from './metrics/scrape-format.ts'
import type { Outbox } from './outbox/contract.ts'
import { openEmbeddedOutbox } from './outbox/embedded/open.ts'
import { MemoryOutbox } from './outbox/memory/memory.ts'
import { guarded } from './tracing/guarded.ts'
import type { Tracing } from './tracing/tracing.ts'

/** What a service is started with. */
export interface ServiceOptions {
  readonly config: EngineConfig
  /** Switchhook's version, sent as `user-agent` and shown in metrics. */
  readonly version: string
  /** With a `level`, that can be changed over the API. A pino logger fits. */
  readonly log: EngineLog & { level?: string }
  /** Who is told of spans; default: OpenTelemetry where `config.tracing` asks for it, else nobody. */
  readonly tracing?: Tracing
  /** Is told the secrets of webhooks that come over the API, before anything is logged that has to do with them. */
  readonly onSecrets?: (secrets: readonly string[]) => void
  /** Default true. False: nothing is counted, and metrics show only what can be looked up; for benches of what counting costs. */
  readonly countsMetrics?: boolean
}

/** Told each time that a tracer throws. */
const BROKEN_TRACER = 'the tracer failed: what it was told goes on without a span'

/** A running Switchhook. */
export interface Service {
  /** Where the API listens, `http://127.0.0.1:8080`. */
  readonly url: string
  readonly engine: Engine
  /**
   * Puts another configuration into force, all of it at once but for what only a start can change; resolves to the keys of
   * that. Requests in flight end on the configuration that they began with; calls of this wait for each other. Throws
   * `config`, and changes nothing, where it does not fit what was set over the API.
   */
  reload(config: EngineConfig): Promise<readonly string[]>
  /** Tells metrics and stats that another configuration was refused, by reason of `issues`; the one before goes on. */
  reloadRefused(issues: readonly string[]): void
  /**
   * Takes nothing more in, lets what flies end for at most `deadlineMs` in all, and closes everything. What is accepted
   * and not delivered stays in the outbox. Safe to call twice.
   */
  close(deadlineMs: number): Promise<void>
}

/**
 * Starts everything; resolves when the API listens. Rejects with the system's error where the address can't be had, and with
 * `config` where spans are asked for and nothing is installed that makes them.
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { config, version, log, onSecrets = () => undefined, countsMetrics = true } = options
  const tracer = options.tracing ?? (await configuredTracing(config, log))
  const onBroken = (error: unknown): void => log.error({ err: error }, BROKEN_TRACER)
  const tracing = tracer && guarded(tracer, onBroken)
  // Threads and store start at the same time: each takes as long as the other.
  const threads = new SendingThreads({ workers: config.workers, version, log, countsMetrics })
  const outbox = await openOutbox(config.store, log, threads.metrics).catch(async (error: unknown) => {
    await threads.close()
    throw error
  })
  const management = new Management({ config, notes: outbox.notes, clock: systemClock, log, onSecrets })
  const settings = settingsOf(config, management.merged())
  const engine = new Engine({ ...settings, outbox, workers: config.workers, threads, version, log, tracing })
  const running = { config }
  const started = fixedSections(config)
  management.connect({
    change: (change) => engine.change(change),
    prepare: (merged) => engine.prepareReload(settingsOf(running.config, merged)),
    isActive: (webhook) => engine.isActive(webhook),
    leftOut: (entries) => engine.leftOut(entries),
  })
  if (config.store.engine === 'memory')
    log.warn({}, 'the store is in memory: a stop loses what waits, and what is set over the API')
  const ingress = await startIngress({
    engine,
    management,
    metrics: ingressMetrics(engine.metrics),
    listen: config.listen,
    tokens: config.tokens,
    limits: ingressLimits(config.listen),
    log,
  }).catch(async (error: unknown) => {
    await engine.close(0)
    throw error
  })
  // Only now is the port known, which no webhook may reach.
  const { host, port } = ingress.address()
  engine.start([{ address: host, port }])
  if (config.tokens.length === 0) log.warn({}, 'no tokens are configured: only this machine may call the API')
  return {
    url: ingress.url,
    engine,
    reload: (next) => reload(next, { started, running, management, ingress, engine }),
    reloadRefused: (issues) => engine.configRefused(issues),
    close: closeOnce(ingress, engine),
  }
}

/** Loaded only where it is asked for: who has no use for spans pays nothing for them, at the start neither. */
async function configuredTracing({ tracing }: EngineConfig, log: EngineLog): Promise<Tracing | undefined> {
  if (!tracing.enabled) return undefined
  const { loadTracing } = await import('./tracing/load.ts')
  const loaded = await loadTracing()
  if (!loaded.isHeard) {
    log.warn({}, 'tracing is enabled, but nobody has registered an OpenTelemetry tracer provider: there are no spans')
  }
  return loaded.tracing
}

/** What of a configuration can change while the engine runs, with the webhooks and bindings that it is to run with. */
function settingsOf(config: EngineConfig, plan: Merged): EngineSettings {
  return {
    plan,
    dataPoints: config.dataPoints,
    backlog: config.store.backlog,
    retention: config.store.retention,
    connections: config.network.connections,
  }
}

/** What a reload works with. */
interface ReloadParts {
  readonly started: FixedSections
  /** The file's configuration in force. */
  readonly running: { config: EngineConfig }
  readonly management: Management
  readonly ingress: Ingress
  readonly engine: Engine
}

async function reload(config: EngineConfig, parts: ReloadParts): Promise<readonly string[]> {
  const { started, running, management, ingress, engine } = parts
  const waiting = keysForNextStart(started, config)
  await management.reload(config, async (merged) => {
    const apply = await engine.prepareReload(settingsOf(config, merged))
    // In one turn of the loop: no request sees the tokens of one configuration and the webhooks of the other.
    return () => {
      apply()
      running.config = config
      ingress.renew({ tokens: config.tokens, tls: config.listen.tls })
      engine.configLoaded(waiting.map((key) => `${key} takes effect at the next start`))
    }
  })
  return waiting
}

async function openOutbox(store: StoreConfig, log: EngineLog, metrics: Metrics): Promise<Outbox> {
  switch (store.engine) {
    case 'memory':
      return new MemoryOutbox()
    case 'embedded': {
      let freeBytes: number | undefined
      metrics.space(() => (freeBytes === undefined ? undefined : { freeBytes, reserveBytes: store.minFreeBytes }))
      return await openEmbeddedOutbox({
        path: store.path,
        reserveBytes: store.minFreeBytes,
        onMigration: (progress) => log.info(progress, 'the store is of an older format and is brought up'),
        onCommit: (durationMs) => metrics.storeCommit(durationMs),
        onFree: (bytes) => {
          freeBytes = bytes
        },
      })
    }
  }
}

function closeOnce(ingress: Ingress, engine: Engine): (deadlineMs: number) => Promise<void> {
  let closed: Promise<void> | undefined
  const close = async (deadlineMs: number): Promise<void> => {
    const startedAt = performance.now()
    void engine.stopCommands()
    await ingress.close(deadlineMs)
    await engine.close(Math.max(0, deadlineMs - (performance.now() - startedAt)))
  }
  return (deadlineMs) => {
    closed ??= close(deadlineMs)
    return closed
  }
}

function ingressLimits({ connections }: EngineConfig['listen']): NonNullable<IngressOptions['limits']> {
  return { connections: connections.total, connectionsPerAddress: connections.perAddress }
}

/** The ingress's reports as metrics. */
function ingressMetrics(metrics: Metrics): MetricsPort {
  return {
    httpRequest: (route, method, status) => metrics.httpRequest(route, method, status),
    eventRefused: (type) => metrics.event(type, 'rejected'),
    replacedBytes: (count) => metrics.replacedBytes(count),
    overheadIngress: (durationMs) => metrics.recorder.overhead('ingress', durationMs),
    scrape: async (accept, acceptEncoding) => {
      const format = formatFor(accept, acceptEncoding)
      const answer = { contentType: contentTypeOf(format), body: await metrics.scrape(format) }
      return format.isCompressed ? { ...answer, contentEncoding: 'gzip' } : answer
    },
  }
}
