/**
 * A whole Switchhook in one call: outbox, engine and HTTP ingress put together from a configuration, given another one
 * while they run, and taken down in the order that loses nothing. For the command line and for programs that embed it.
 */
import type { EngineConfig, StoreConfig } from './config/engine-config.ts'
import { keysForNextStart } from './config/next-start.ts'
import { Engine, type EngineSettings } from './engine/engine.ts'
import type { EngineLog } from './engine/reports.ts'
import { SendingThreads } from './engine/threads.ts'
import type { MetricsPort } from './ingress/metrics-port.ts'
import { type Ingress, type IngressOptions, startIngress } from './ingress/server.ts'
import type { Metrics } from './metrics/metrics.ts'
import type { Outbox } from './outbox/contract.ts'
import { openEmbeddedOutbox } from './outbox/embedded/open.ts'
import { MemoryOutbox } from './outbox/memory.ts'

/** What a service is started with. */
export interface ServiceOptions {
  readonly config: EngineConfig
  /** Switchhook's version, sent as `user-agent` and shown in metrics. */
  readonly version: string
  readonly log: EngineLog
}

/** A running Switchhook. */
export interface Service {
  /** Where the API listens, `http://127.0.0.1:8080`. */
  readonly url: string
  readonly engine: Engine
  /**
   * Puts another configuration into force, all of it at once but for what only a start can change; resolves to the keys of
   * that. Requests in flight end on the configuration that they began with; calls of this wait for each other.
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

/** Starts everything; resolves when the API listens. Rejects with the system's error where the address can't be had. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { config, version, log } = options
  // Threads and store start at the same time: each takes as long as the other.
  const threads = new SendingThreads({ workers: config.workers, version, log })
  const outbox = await openOutbox(config.store, log).catch(async (error: unknown) => {
    await threads.close()
    throw error
  })
  const engine = new Engine({ ...settingsOf(config), outbox, workers: config.workers, threads, version, log })
  const ingress = await startIngress({
    engine,
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
    reload: reloadInTurn(config, ingress, engine),
    reloadRefused: (issues) => engine.configRefused(issues),
    close: closeOnce(ingress, engine),
  }
}

/** What of a configuration can change while the engine runs. */
function settingsOf(config: EngineConfig): EngineSettings {
  return {
    plan: { webhooks: config.webhooks, bindings: config.bindings, pointNames: config.pointNames },
    dataPoints: config.dataPoints,
    backlog: config.store.backlog,
    retention: config.store.retention,
    connections: config.network.connections,
  }
}

function reloadInTurn(started: EngineConfig, ingress: Ingress, engine: Engine): Service['reload'] {
  const reload = async (config: EngineConfig): Promise<readonly string[]> => {
    const apply = await engine.prepareReload(settingsOf(config))
    // In one turn of the loop: no request sees the tokens of one configuration and the webhooks of the other.
    apply()
    ingress.renew({ tokens: config.tokens, tls: config.listen.tls })
    const waiting = keysForNextStart(started, config)
    engine.configLoaded(waiting.map((key) => `${key} takes effect at the next start`))
    return waiting
  }
  let last: Promise<unknown> = Promise.resolve()
  return (config) => {
    const next = last.then(() => reload(config))
    last = next.catch(() => undefined)
    return next
  }
}

async function openOutbox(store: StoreConfig, log: EngineLog): Promise<Outbox> {
  switch (store.engine) {
    case 'memory':
      return new MemoryOutbox()
    case 'embedded':
      return await openEmbeddedOutbox({
        path: store.path,
        reserveBytes: store.minFreeBytes,
        onMigration: (progress) => log.info(progress, 'the store is of an older format and is brought up'),
      })
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
    text: () => metrics.text(),
    contentType: metrics.contentType,
  }
}
