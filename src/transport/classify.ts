/**
 * One table of what goes wrong on the wire and which reason it is: `connection` is a connection that can't be made or ends early,
 * `invalid-response` an answer that breaks HTTP, `tls` everything between TCP and HTTP, `invalid-request` what undici refuses to
 * send; what is in no row is our own fault, `internal`. Pure; exchanges and the connector ask it.
 */
import { errors } from 'undici'
import { codeOf, messageOf } from '../errors.ts'
import type { ExchangeFailureReason } from '../model/attempt.ts'

/** A failure whose reason is known where it happens; travels through undici, which passes errors on unchanged. */
export class ExchangeError extends Error {
  override readonly name = 'ExchangeError'
  readonly reason: ExchangeFailureReason

  constructor(reason: ExchangeFailureReason, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.reason = reason
  }
}

/** A reason and one line that a support engineer understands. */
export interface Failure {
  readonly reason: ExchangeFailureReason
  readonly detail: string
}

/** How far an exchange had come when it failed. */
export interface Progress {
  /** 0 before the answer's head is complete. */
  readonly status: number
  /** Body bytes received. */
  readonly bytes: number
}

/** What the system reports when the peer or the network gives up. */
const CONNECTION_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'ENOTCONN',
  'ENOBUFS',
  'EMFILE',
  'ENFILE',
])

/** How undici wraps what its parser says. */
const PARSER_MESSAGE = /^Response does not match the HTTP\/1\.1 protocol \((.*)\)$/

/** undici's own codes that mean the same whenever they come. */
const CODES: Readonly<Record<string, Failure>> = {
  UND_ERR_INVALID_ARG: { reason: 'invalid-request', detail: '' },
  UND_ERR_NOT_SUPPORTED: { reason: 'invalid-request', detail: '' },
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: { reason: 'invalid-request', detail: '' },
  UND_ERR_DESTROYED: { reason: 'cancelled', detail: 'the connection was closed by the engine' },
  UND_ERR_CLOSED: { reason: 'cancelled', detail: 'the connection was closed by the engine' },
  UND_ERR_ABORTED: { reason: 'cancelled', detail: 'the request was aborted' },
}

/** Puts an error of undici, of a socket or of this part into {@link Failure} terms. */
export function classifyFailure(error: unknown, progress: Progress): Failure {
  if (error instanceof ExchangeError) return { reason: error.reason, detail: error.message }
  const code = codeOf(error)
  const message = firstLine(messageOf(error))
  const known = CODES[code]
  if (known !== undefined) return known.detail === '' ? { reason: known.reason, detail: message } : known
  if (code === 'UND_ERR_SOCKET') return classifySocketError(message, progress)
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') {
    // undici reports a head with contradictory lengths under the same code as a body that is cut short.
    return progress.status === 0
      ? {
          reason: 'invalid-response',
          detail: 'the content-length of the answer contradicts itself or its transfer-encoding',
        }
      : endedEarly(progress)
  }
  if (error instanceof errors.HTTPParserError) {
    const problem = PARSER_MESSAGE.exec(message)?.[1] ?? message
    // The parser was told that the stream is over in the middle of a body.
    if (problem === 'Invalid EOF state') return endedEarly(progress)
    return { reason: 'invalid-response', detail: `the answer is not HTTP/1.1: ${problem}` }
  }
  if (isTlsCode(code)) return { reason: 'tls', detail: describeTls(error) }
  if (CONNECTION_CODES.has(code) || code === 'UND_ERR_INFO') {
    return { reason: 'connection', detail: `${message}, ${stageOf(progress)}` }
  }
  return { reason: 'internal', detail: message }
}

/** Classifies what ends a connection attempt after the addresses are known; TLS reports most failures with codes of its own. */
export function classifyConnectFailure(error: Error, stage: 'tcp' | 'tls', host: string): ExchangeError {
  const code = codeOf(error)
  if (stage === 'tcp') return new ExchangeError('connection', firstLine(error.message), error)
  if (CONNECTION_CODES.has(code)) {
    return new ExchangeError('connection', `the connection to ${host} ended during the TLS handshake (${code})`, error)
  }
  return new ExchangeError('tls', `TLS with ${host} failed: ${describeTls(error)}`, error)
}

function classifySocketError(message: string, progress: Progress): Failure {
  switch (message) {
    case 'bad upgrade':
      return { reason: 'invalid-response', detail: 'the server switched protocols (101), which was not asked for' }
    case 'bad response':
      return { reason: 'invalid-response', detail: 'the server sent an answer that belongs to no request' }
    default:
      return endedEarly(progress)
  }
}

function endedEarly(progress: Progress): Failure {
  return { reason: 'connection', detail: `the server closed the connection ${stageOf(progress)}` }
}

function stageOf(progress: Progress): string {
  return progress.status === 0
    ? 'before its answer was there'
    : `in the middle of its answer (status ${progress.status}, ${progress.bytes} body bytes)`
}

function isTlsCode(code: string): boolean {
  return code === 'EPROTO' || code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_')
}

function describeTls(error: unknown): string {
  const code = codeOf(error)
  // OpenSSL's own text names source files; its reason alone is for people.
  const reason =
    error instanceof Error && 'reason' in error && typeof error.reason === 'string'
      ? error.reason
      : // Node adds what its own user could try.
        (firstLine(messageOf(error)).split('; ', 1)[0] ?? '')
  const hint =
    code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG'
      ? '; the port does not speak TLS'
      : ''
  return `${reason}${code === '' ? '' : ` (${code})`}${hint}`
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? ''
}
