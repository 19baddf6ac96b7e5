/**
 * One exchange under way: undici's handler, the deadlines and the collected answer in one object, so that a request costs no
 * promise, closure or signal of its own. Invariant: exactly one result, handed out by the transport in a microtask; the connection
 * goes back to its pool only when the answer is completely read, and is destroyed in every other case.
 */
import type { Dispatcher } from 'undici'
import type { Clock } from '../clock.ts'
import type { Exchange, ExchangeFailureReason, Phases } from '../model/attempt.ts'
import { type AnswerHeaders, fieldOf, headProblem } from './answer-head.ts'
import { BodyBuffer } from './body-buffer.ts'
import { classifyFailure } from './classify.ts'
import type { Connection, ConnectionUser } from './connection.ts'
import type { ConnectStage } from './connector.ts'
import { Deadline, type DeadlineOwner, type Deadlines } from './deadlines.ts'
import type { ExchangeRequest, PendingExchange } from './exchange.ts'
import type { EndpointPool } from './pool.ts'

/** Bytes beyond the limit of a `drop` answer that are read to save its connection: less than a new TLS handshake is worth. */
export const DRAIN_LIMIT_BYTES = 65_536

/** The transport, as its exchanges see it. */
export interface ExchangeHost {
  readonly clock: Clock
  readonly deadlines: Deadlines
  /** Calls `flush()` on the run in a microtask. */
  enqueue(run: ExchangeRun): void
}

/** `answering`: the request was handed to the socket. `draining`: settled, the rest of the answer is being read. */
type RunPhase = 'connecting' | 'answering' | 'draining' | 'over'

type MutablePhases = { -readonly [Name in keyof Phases]: Phases[Name] }

const STAGE_NAMES: Readonly<Record<ConnectStage, string>> = {
  dns: 'name look-up',
  proxy: 'egress proxy',
  tcp: 'TCP',
  tls: 'TLS handshake',
}

/** See the head of this file. */
export class ExchangeRun implements ConnectionUser, DeadlineOwner, PendingExchange {
  readonly #host: ExchangeHost
  readonly #request: ExchangeRequest
  #settle: ((exchange: Exchange) => void) | undefined
  #result: Exchange | undefined
  #pool: EndpointPool | undefined
  #connection: Connection | undefined
  #phase: RunPhase = 'connecting'
  readonly #deadline = new Deadline(this)
  #limitMs = 0
  readonly #startedMs: number
  #waitingMs: number | undefined
  #requestedMs: number | undefined
  #firstByteMs: number | undefined
  #status = 0
  #contentType = ''
  #retryAfter = ''
  readonly #body: BodyBuffer
  #receivedBytes = 0

  constructor(host: ExchangeHost, request: ExchangeRequest, settle: (exchange: Exchange) => void) {
    this.#host = host
    this.#request = request
    this.#settle = settle
    this.#body = new BodyBuffer(request.bodyLimitBytes)
    this.#startedMs = host.clock.monotonicMs()
  }

  get connectTimeoutMs(): number {
    return this.#limitMs
  }

  /** Whether the next {@link flush} hands a result out. */
  get owesResult(): boolean {
    return this.#result !== undefined && this.#settle !== undefined
  }

  /** Sends the request over a connection of `pool`, which gets it back. */
  start(pool: EndpointPool, connection: Connection): void {
    this.#pool = pool
    this.#connection = connection
    this.#startDeadline(this.#request.connectTimeoutMs, this.#startedMs)
    connection.dispatch(this.#request, this)
  }

  /** Ends the exchange before anything was sent. */
  refuse(reason: ExchangeFailureReason, detail: string): void {
    this.#fail(reason, detail)
  }

  abort(): void {
    if (this.#phase === 'draining') this.#endDraining()
    else this.#fail('cancelled', 'the request was aborted')
  }

  /** Hands the connection back and the result out, whichever is due; called by the transport. */
  flush(): void {
    if (this.#phase === 'over' && this.#connection !== undefined) {
      this.#pool?.release(this.#connection)
      this.#connection = undefined
    }
    const settle = this.#settle
    if (this.#result === undefined || settle === undefined) return
    this.#settle = undefined
    settle(this.#result)
  }

  onConnecting(): void {
    this.#waitingMs ??= this.#host.clock.monotonicMs() - this.#startedMs
  }

  onDeadline(): void {
    switch (this.#phase) {
      case 'connecting': {
        const stage = this.#connection?.stage
        const at = stage === undefined ? '' : ` (${STAGE_NAMES[stage]})`
        this.#fail(
          'connect-timeout',
          `no connection to ${this.#request.endpoint.origin} within ${this.#limitMs} ms${at}`,
        )
        return
      }
      case 'answering':
        if (this.#statusDecides()) this.#answer('destroy')
        else this.#fail('response-timeout', this.#describeLateness())
        return
      case 'draining':
        this.#endDraining()
        return
      case 'over':
    }
  }

  onRequestStart(): void {
    if (this.#phase !== 'connecting') return
    const nowMs = this.#host.clock.monotonicMs()
    this.#waitingMs ??= nowMs - this.#startedMs
    this.#requestedMs = nowMs
    this.#phase = 'answering'
    this.#connection?.expectAnswer()
    this.#startDeadline(this.#request.responseTimeoutMs, nowMs)
  }

  onResponseStarted(): void {
    this.#firstByteMs = this.#host.clock.monotonicMs()
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: AnswerHeaders): void {
    if (this.#phase !== 'answering') return
    this.#connection?.headEnded()
    this.#status = status
    this.#contentType = fieldOf(headers['content-type'])
    this.#retryAfter = fieldOf(headers['retry-after'])
    if (this.#request.overflow === 'drop') return
    const problem = headProblem(headers)
    if (problem !== undefined) {
      this.#fail('invalid-response', problem)
      return
    }
    const announcedBytes = hasBody(status) ? Number(fieldOf(headers['content-length'])) : 0
    if (announcedBytes > this.#request.bodyLimitBytes) this.#failTooLarge(`${announcedBytes} bytes`)
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (this.#phase !== 'answering' && this.#phase !== 'draining') return
    this.#receivedBytes += chunk.length
    const limitBytes = this.#request.bodyLimitBytes
    if (this.#phase === 'draining') {
      if (this.#receivedBytes > limitBytes + DRAIN_LIMIT_BYTES) this.#endDraining()
    } else if (this.#request.overflow === 'drop') {
      this.#body.append(chunk)
      if (this.#body.length === limitBytes) this.#answer('drain')
    } else if (this.#receivedBytes > limitBytes) {
      this.#failTooLarge(`more than ${limitBytes} bytes`)
    } else {
      this.#body.append(chunk)
    }
  }

  onResponseEnd(): void {
    if (this.#phase === 'answering') this.#answer('release')
    else if (this.#phase === 'draining') this.#finish()
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#phase === 'draining') {
      this.#endDraining()
    } else if (this.#phase !== 'over') {
      if (this.#statusDecides()) {
        this.#answer('destroy')
        return
      }
      const { reason, detail } = classifyFailure(error, { status: this.#status, bytes: this.#receivedBytes })
      this.#fail(reason, detail)
    }
  }

  #statusDecides(): boolean {
    return this.#request.overflow === 'drop' && this.#status !== 0
  }

  #startDeadline(limitMs: number, nowMs: number): void {
    const { totalTimeoutMs } = this.#request
    this.#limitMs = limitMs
    if (totalTimeoutMs !== undefined) {
      const spentMs = nowMs - this.#startedMs
      this.#limitMs = Math.min(limitMs, Math.max(0, Math.ceil(totalTimeoutMs - spentMs)))
    }
    this.#host.deadlines.start(this.#deadline, this.#limitMs, nowMs)
  }

  #answer(connection: 'release' | 'drain' | 'destroy'): void {
    const nowMs = this.#host.clock.monotonicMs()
    this.#result ??= {
      kind: 'answered',
      status: this.#status,
      contentType: this.#contentType,
      retryAfter: this.#retryAfter,
      body: this.#body.bytes(),
      bytes: this.#receivedBytes,
      durationMs: nowMs - this.#startedMs,
      phases: this.#phasesUntil(nowMs),
    }
    switch (connection) {
      case 'release':
        this.#finish()
        return
      case 'drain':
        this.#phase = 'draining'
        if (this.#connection !== undefined) this.#pool?.markDraining(this.#connection)
        this.#host.enqueue(this)
        return
      case 'destroy':
        this.#destroyConnection()
        this.#finish()
    }
  }

  #failTooLarge(size: string): void {
    this.#fail('response-too-large', `the answer has ${size}, ${this.#request.bodyLimitBytes} are read`)
  }

  #fail(reason: ExchangeFailureReason, detail: string): void {
    if (this.#phase === 'over' || this.#phase === 'draining') return
    const nowMs = this.#host.clock.monotonicMs()
    this.#result = {
      kind: 'failed',
      reason,
      detail,
      status: this.#status,
      bytes: this.#receivedBytes,
      durationMs: nowMs - this.#startedMs,
      phases: this.#phasesUntil(nowMs),
    }
    this.#destroyConnection()
    this.#finish()
  }

  #endDraining(): void {
    this.#destroyConnection()
    this.#finish()
  }

  #finish(): void {
    this.#phase = 'over'
    this.#host.deadlines.cancel(this.#deadline)
    this.#host.enqueue(this)
  }

  #destroyConnection(): void {
    const connection = this.#connection
    this.#connection = undefined
    // Over before the connection ends: what undici reports of its end is no news.
    this.#phase = 'over'
    if (connection !== undefined) this.#pool?.discard(connection)
  }

  #phasesUntil(nowMs: number): Phases {
    const firstByteMs = this.#firstByteMs
    const phases: MutablePhases = {}
    if (this.#waitingMs !== undefined) phases.waitingMs = this.#waitingMs
    // None where the connection was there: most exchanges.
    const connectPhases = this.#connection?.connectPhases
    if (connectPhases !== undefined) Object.assign(phases, connectPhases)
    if (firstByteMs !== undefined && this.#requestedMs !== undefined) {
      phases.firstByteMs = firstByteMs - this.#requestedMs
      phases.bodyMs = nowMs - firstByteMs
    }
    return phases
  }

  #describeLateness(): string {
    return this.#status === 0
      ? `no answer within ${this.#limitMs} ms`
      : `the answer was not complete within ${this.#limitMs} ms (status ${this.#status}, ${this.#receivedBytes} body bytes)`
  }
}

/** These never have one, whatever their fields say (RFC 9110, 6.4.1). */
function hasBody(status: number): boolean {
  return status !== 204 && status !== 304
}
