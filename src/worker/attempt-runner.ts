/**
 * Runs micro-batches of deliveries on the thread it lives in: render, sign, send, judge, report. The very same code serves
 * a worker thread and, with `workers: 0`, the main thread. Outcomes are reported together where many come, a millisecond and a turn of
 * the loop late at most, so that one hanging delivery holds back no other; each delivery is reported exactly once.
 */
import { compileRequest, type RenderRequest } from '../compile/compile-request.ts'
import { Recorder } from '../metrics/recorder.ts'
import { ANSWER_EXCERPT_BYTES } from '../model/answer.ts'
import type { Exchange, Outcome } from '../model/attempt.ts'
import { type DataPoints, isDataObject, NO_DATA } from '../model/data.ts'
import type { Reason } from '../model/decision.ts'
import { parseOwnJson } from '../model/own-json.ts'
import type { Webhook } from '../model/webhook.ts'
import { type AttemptSigner, createAttemptSigner } from '../transport/sign.ts'
import { Transport } from '../transport/transport.ts'
import { type CrossingDelivery, type CrossingOutcome, packOutcomes, unpackDeliveries } from './batch-codec.ts'
import {
  type DeliveryBatch,
  MAX_PENDING,
  type WebhookSource,
  type WorkerReport,
  type WorkerSettings,
  type WorkerSetup,
} from './protocol.ts'

/** Longest time for which an outcome waits for others to be reported with it. */
const REPORT_DELAY_MS = 1

/** A webhook as this thread sends it. */
interface Target {
  readonly source: WebhookSource
  /** A text: it could not be compiled, which the configuration should have refused. */
  readonly render: RenderRequest | string
  readonly signer: AttemptSigner
}

/** See the head of this file. */
export class AttemptRunner {
  readonly #setup: WorkerSetup
  readonly #report: (report: WorkerReport) => void
  /** By the numbers that batches name them by. */
  readonly #targets = new Map<number, Target>()
  #settings: WorkerSettings | undefined
  /** Made with the first settings: before them it is not known where nothing may be sent. */
  #transport: Transport | undefined
  readonly #recorder: Recorder
  readonly #decoder = new TextDecoder()
  /** Under way now. */
  #inFlight = 0
  #begunBatches = 0
  #begunDeliveries = 0
  #outcomes: CrossingOutcome[] = []
  /** The next report: at the end of this turn, or soon. */
  #reportAtOnce: NodeJS.Immediate | undefined
  #reportSoon: NodeJS.Timeout | undefined

  /** `report` is called at most once a turn of the loop, never from within {@link run}. */
  constructor(setup: WorkerSetup, report: (report: WorkerReport) => void) {
    this.#setup = setup
    this.#report = report
    this.#recorder = new Recorder(setup.metricsBlock)
  }

  /** Renders and sends every delivery of `batch`; returns when all are on their way, which the next report tells. */
  run(batch: DeliveryBatch): void {
    if (batch.settings !== undefined) this.#configure(batch.settings)
    for (const number of batch.removed) this.#targets.delete(number)
    for (const [number, source] of batch.sources) this.#targets.set(number, this.#compile(source))
    const startedAtMs = Date.now()
    let payload = ''
    let data: DataPoints = NO_DATA
    for (const delivery of unpackDeliveries(batch.deliveries)) {
      if (delivery.payload !== payload) {
        payload = delivery.payload
        data = parsePoints(payload)
      }
      this.#begunDeliveries += 1
      this.#inFlight += 1
      this.#send(delivery, data, startedAtMs)
    }
    this.#begunBatches += 1
    this.#planReport()
  }

  /** Ends all connections now; requests in flight are reported as cancelled. */
  async close(): Promise<void> {
    await this.#transport?.close(0)
  }

  #configure(settings: WorkerSettings): void {
    this.#settings = settings
    const { maxConnectionsPerEndpoint, refusedListeners } = settings
    if (this.#transport === undefined) this.#transport = new Transport({ maxConnectionsPerEndpoint, refusedListeners })
    else this.#transport.limitConnections(maxConnectionsPerEndpoint)
  }

  #compile(source: WebhookSource): Target {
    const compiled = compileRequest(source.webhook.request, this.#settings?.pointNames ?? new Set())
    return {
      source,
      render:
        compiled.kind === 'compiled'
          ? compiled.render
          : compiled.issues.map(({ part, message }) => `${part}: ${message}`).join('; '),
      signer: createAttemptSigner(source.webhook.secrets, this.#setup.version),
    }
  }

  #send(delivery: CrossingDelivery, data: DataPoints, startedAtMs: number): void {
    const { slot, context } = delivery
    const target = this.#targets.get(delivery.webhook)
    const transport = this.#transport
    if (target === undefined || transport === undefined) {
      this.#push(slot, notSent('unsettled', 'internal', 'this worker does not know the webhook', startedAtMs))
      return
    }
    const { render, signer } = target
    const { webhook, metricsRow } = target.source
    if (typeof render === 'string') {
      this.#push(slot, notSent('invalid', 'internal', render, startedAtMs))
      return
    }
    const before = performance.now()
    const request = render({ data, context: context === '' ? NO_DATA : parsePoints(context) })
    const renderMs = performance.now() - before
    this.#recorder.overhead('render', renderMs)
    if (request.kind === 'invalid') {
      this.#recorder.attempt(metricsRow, 'invalid-request', 0)
      this.#push(slot, notSent('invalid', 'invalid-request', request.detail, startedAtMs))
      return
    }
    transport.send(
      {
        endpoint: webhook.endpoint,
        method: request.method,
        path: request.path,
        headers: signer.headers(request, delivery.deliveryId, startedAtMs, delivery.traceparent),
        body: request.body,
        connectTimeoutMs: webhook.connectTimeoutMs,
        responseTimeoutMs: webhook.responseTimeoutMs,
        bodyLimitBytes: ANSWER_EXCERPT_BYTES,
        overflow: 'drop',
      },
      (exchange) => {
        const outcome = this.#judge(webhook, exchange, startedAtMs, renderMs)
        this.#recorder.phases('send', outcome.phases)
        this.#recorder.attempt(metricsRow, outcome.reason === '' ? 'success' : outcome.reason, outcome.durationMs)
        this.#push(slot, outcome)
      },
    )
  }

  /** What an exchange means for a delivery to `webhook`: its status line decides (contract, "Delivery"). */
  #judge(webhook: Webhook, exchange: Exchange, startedAtMs: number, renderMs: number): Outcome {
    const { status, bytes, durationMs } = exchange
    const phases = { ...exchange.phases, renderMs }
    if (exchange.kind === 'failed') {
      const { reason, detail } = exchange
      return {
        result: 'failure',
        startedAtMs,
        durationMs,
        status,
        reason,
        detail,
        retryAfter: '',
        bytes,
        excerpt: '',
        phases,
      }
    }
    const { retryAfter } = exchange
    const excerpt = exchange.body.length === 0 ? '' : this.#decoder.decode(exchange.body)
    const isSuccess = webhook.success === 'any' || webhook.success.includes(status)
    return {
      result: isSuccess ? 'success' : 'failure',
      startedAtMs,
      durationMs,
      status,
      reason: isSuccess ? '' : 'status',
      detail: isSuccess ? '' : `the server answered ${status}`,
      retryAfter,
      bytes,
      excerpt,
      phases,
    }
  }

  #push(slot: number, outcome: Outcome): void {
    this.#inFlight -= 1
    this.#outcomes.push({ slot, outcome })
    this.#planReport()
  }

  /**
   * A message costs as much as some ten deliveries: what comes in numbers waits for more of it, what comes alone does not. That a
   * batch was begun is told at once only where no other is given before.
   */
  #planReport(): void {
    if (this.#reportAtOnce !== undefined) return
    if (this.#outcomes.length >= this.#inFlight || this.#begunDeliveries >= MAX_PENDING) this.#reportThisTurn()
    // In the turn whose time it is, but behind the answers that have been waiting for it.
    else this.#reportSoon ??= setTimeout(() => this.#reportThisTurn(), REPORT_DELAY_MS)
  }

  #reportThisTurn(): void {
    this.#reportAtOnce ??= setImmediate(() => this.#sendReport())
  }

  #sendReport(): void {
    clearTimeout(this.#reportSoon)
    this.#reportAtOnce = undefined
    this.#reportSoon = undefined
    const outcomes = packOutcomes(this.#outcomes)
    const report = { batches: this.#begunBatches, deliveries: this.#begunDeliveries, outcomes }
    this.#begunBatches = 0
    this.#begunDeliveries = 0
    this.#outcomes = []
    this.#report(report)
  }
}

function notSent(result: 'invalid' | 'unsettled', reason: Reason, detail: string, startedAtMs: number): Outcome {
  return {
    result,
    startedAtMs,
    durationMs: 0,
    status: 0,
    reason,
    detail,
    retryAfter: '',
    bytes: 0,
    excerpt: '',
    phases: {},
  }
}

/** Data points that the ingress serialized. */
function parsePoints(text: string): DataPoints {
  const value = parseOwnJson(text)
  return isDataObject(value) ? value : NO_DATA
}
