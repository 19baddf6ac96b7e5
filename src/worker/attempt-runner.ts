/**
 * Runs micro-batches of deliveries on the thread it lives in: render, sign, send, judge, report. The very same code serves
 * a worker thread and, with `workers: 0`, the main thread. Outcomes are reported as they come, joined per turn of the
 * loop, so that one hanging delivery holds back no other; each delivery is reported exactly once.
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
import type { DeliveryBatch, OutcomeBatch, WebhookSource, WorkerSettings, WorkerSetup } from './protocol.ts'

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
  readonly #report: (batch: OutcomeBatch) => void
  readonly #targets = new Map<string, Target>()
  #settings: WorkerSettings | undefined
  /** Made with the first settings: before them it is not known where nothing may be sent. */
  #transport: Transport | undefined
  readonly #recorder: Recorder
  #deliveryIds: string[] = []
  #outcomes: Outcome[] = []

  /** `report` is called at most once a turn of the loop, never from within {@link run}. */
  constructor(setup: WorkerSetup, report: (batch: OutcomeBatch) => void) {
    this.#setup = setup
    this.#report = report
    this.#recorder = new Recorder(setup.metricsBlock)
  }

  /** Renders and sends every delivery of `batch`; returns when all are on their way. */
  run(batch: DeliveryBatch): void {
    if (batch.settings !== undefined) this.#configure(batch.settings)
    for (const id of batch.removed) this.#targets.delete(id)
    for (const source of batch.sources) this.#targets.set(source.webhook.id, this.#compile(source))
    let payload = ''
    let data: DataPoints = NO_DATA
    for (let index = 0; index < batch.deliveryIds.length; index += 1) {
      const text = batch.payloads[index] ?? ''
      if (text !== payload) {
        payload = text
        data = parsePoints(text)
      }
      this.#send(batch, index, data)
    }
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

  #send(batch: DeliveryBatch, index: number, data: DataPoints): void {
    const id = batch.deliveryIds[index] ?? ''
    const target = this.#targets.get(batch.webhooks[index] ?? '')
    const startedAtMs = Date.now()
    const transport = this.#transport
    if (target === undefined || transport === undefined) {
      this.#push(id, notSent('unsettled', 'internal', 'this worker does not know the webhook', startedAtMs))
      return
    }
    const { render, signer } = target
    const { webhook, metricsRow } = target.source
    if (typeof render === 'string') {
      this.#push(id, notSent('invalid', 'internal', render, startedAtMs))
      return
    }
    const before = performance.now()
    const context = batch.contexts[index] ?? ''
    const request = render({ data, context: context === '' ? NO_DATA : parsePoints(context) })
    this.#recorder.overhead('render', performance.now() - before)
    if (request.kind === 'invalid') {
      this.#recorder.attempt(metricsRow, 'invalid-request', 0)
      this.#push(id, notSent('invalid', 'invalid-request', request.detail, startedAtMs))
      return
    }
    transport.send(
      {
        endpoint: webhook.endpoint,
        method: request.method,
        path: request.path,
        headers: signer.headers(request, id, startedAtMs, batch.traceparents[index] ?? ''),
        body: request.body,
        connectTimeoutMs: webhook.connectTimeoutMs,
        responseTimeoutMs: webhook.responseTimeoutMs,
        bodyLimitBytes: ANSWER_EXCERPT_BYTES,
        overflow: 'drop',
      },
      (exchange) => {
        const outcome = judge(webhook, exchange, startedAtMs)
        this.#recorder.attempt(metricsRow, outcome.reason === '' ? 'success' : outcome.reason, outcome.durationMs)
        this.#push(id, outcome)
      },
    )
  }

  #push(deliveryId: string, outcome: Outcome): void {
    if (this.#deliveryIds.length === 0) setImmediate(() => this.#flush())
    this.#deliveryIds.push(deliveryId)
    this.#outcomes.push(outcome)
  }

  #flush(): void {
    const batch = { deliveryIds: this.#deliveryIds, outcomes: this.#outcomes }
    this.#deliveryIds = []
    this.#outcomes = []
    this.#report(batch)
  }
}

/** What an exchange means for a delivery to `webhook`: its status line decides (contract, "Delivery"). */
function judge(webhook: Webhook, exchange: Exchange, startedAtMs: number): Outcome {
  const { status, bytes, durationMs, phases } = exchange
  const common = { startedAtMs, durationMs, status, bytes, phases }
  if (exchange.kind === 'failed') {
    const { reason, detail } = exchange
    return { ...common, result: 'failure', reason, detail, retryAfter: '', excerpt: '' }
  }
  const { retryAfter } = exchange
  const excerpt = exchange.body.length === 0 ? '' : new TextDecoder().decode(exchange.body)
  if (webhook.success === 'any' || webhook.success.includes(status)) {
    return { ...common, result: 'success', reason: '', detail: '', retryAfter, excerpt }
  }
  return {
    ...common,
    result: 'failure',
    reason: 'status',
    detail: `the server answered ${status}`,
    retryAfter,
    excerpt,
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
