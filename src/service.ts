/**
 * A whole Switchhook in one call: outbox, engine and HTTP ingress put together from a configuration, and taken down in the
 * order that loses nothing. For the command line and for programs that embed it.
 */
import type { EngineConfig, StoreConfig } from './config/engine-config.ts'
import { Engine } from './engine/engine.ts'
import type { EngineLog } from './engine/reports.ts'
import type { MetricsPort } from './ingress/metrics-port.ts'
import { type Ingress, startIngress } from './ingress/server.ts'
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
   * Takes nothing more in, lets what flies end for at most `deadlineMs` in all, and closes everything. What is accepted
   * and not delivered stays in the outbox. Safe to call twice.
   */
  close(deadlineMs: number): Promise<void>
}

/** Starts everything; resolves when the API listens. Rejects with the system's error where the address can't be had. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { config, version, log } = options
  const outbox = await openOutbox(config.store)
  const engine = new Engine({
    plan: { webhooks: config.webhooks, bindings: config.bindings, pointNames: config.pointNames },
    dataPoints: config.dataPoints,
    outbox,
    backlog: config.store.backlog,
    retention: config.store.retention,
    workers: config.workers,
    connections: config.network.connections,
    version,
    log,
  })
  const ingress = await startIngress({
    engine,
    metrics: ingressMetrics(engine.metrics),
    listen: config.listen,
    tokens: config.tokens,
    log,
  }).catch(async (error: unknown) => {
    await engine.close(0)
    throw error
  })
  // Only now is the port known, which no webhook may reach.
  const { host, port } = ingress.address()
  engine.start([{ address: host, port }])
  if (config.tokens.length === 0) log.warn({}, 'no tokens are configured: only this machine may call the API')
  return { url: ingress.url, engine, close: closeOnce(ingress, engine) }
}

async function openOutbox(store: StoreConfig): Promise<Outbox> {
  switch (store.engine) {
    case 'memory':
      return new MemoryOutbox()
    case 'embedded':
      return await openEmbeddedOutbox({ path: store.path, reserveBytes: store.minFreeBytes })
  }
}

function closeOnce(ingress: Ingress, engine: Engine): (deadlineMs: number) => Promise<void> {
  let closed: Promise<void> | undefined
  const close = async (deadlineMs: number): Promise<void> => {
    const startedAt = performance.now()
    await ingress.close(deadlineMs)
    await engine.close(Math.max(0, deadlineMs - (performance.now() - startedAt)))
  }
  return (deadlineMs) => {
    closed ??= close(deadlineMs)
    return closed
  }
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
