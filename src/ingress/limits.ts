/**
 * Every limit of the ingress in one place. What passes a limit is refused whole with a message that names it; nothing is
 * ever cut. Read by the body reader, the event readers and the server.
 */

import type { JsonBounds } from '../model/json-survey.ts'

/** Limits on what one client may send. */
export interface IngressLimits {
  /** Bytes of a request with one event, and of one event in a batch (contract, section 3: 1 MiB). */
  readonly requestBytes: number
  /** Bytes of a batch or of NDJSON (contract, section 3: 8 MiB). */
  readonly batchBytes: number
  /** Events in a batch: keeps the answer's size in proportion to the request's (84 bytes an event at 8 MiB). */
  readonly batchEvents: number
  /** Bytes of bodies that are held at once for all requests; beyond it new ones get 503. */
  readonly heldBytes: number
  /**
   * Levels of nesting and number of values in the JSON of one event or command; dotted parameter names nest as deep. The largest
   * documented event has under 200 values; 4,000 hold the loop for a millisecond.
   */
  readonly json: JsonBounds
  /** Parameters of a query or form body: building more would hold the loop for over a millisecond. */
  readonly parameters: number
  /** Header fields of a request. Node would drop those beyond its own limit without a word. */
  readonly headerFields: number
  /** Bytes of a request target: path and query, which is where an invoke by GET carries its data points. */
  readonly targetBytes: number
  /** How many times larger a compressed body may become: real batches reach some 50, bombs 1,000 and more. */
  readonly inflationRatio: number
  /** Bodies that are decompressed at once; others wait. Brotli may need 16 MiB each beside the body (RFC 7932, 9.1). */
  readonly inflations: number
  /** Connections at once, of everybody and of one address: no one address can have all. Beyond it new ones get 503. */
  readonly connections: number
  readonly connectionsPerAddress: number
  /** Time for all of a request's header fields to arrive, from the connection's first byte of it, in milliseconds. */
  readonly headersMs: number
  /** Time for a whole request to arrive: 8 MiB at 140 KB/s. */
  readonly requestMs: number
  /** The least that must arrive of a body in every {@link stallMs}: whoever sends less is keeping the connection busy. */
  readonly stallBytes: number
  readonly stallMs: number
  /** How often connections are checked for {@link headersMs} and {@link requestMs}. */
  readonly checkMs: number
  /** How long the rest of a refused body is still read and dropped, so that the client gets to read the answer. */
  readonly discardMs: number
  /** Time for a client to take an answer once all of it is written: 8 MiB at 70 KB/s. Whoever needs longer is cut off. */
  readonly answerMs: number
  /** Bytes of answers above 16 KiB that wait for their readers, of all together; beyond it requests for such get 503. */
  readonly heldAnswerBytes: number
  /** How often a stream in which nothing happens sends a sign of life; a reader that takes nothing for four of it is cut off. */
  readonly heartbeatMs: number
}

/** The limits unless a test or an operator says otherwise. */
export const DEFAULT_LIMITS: IngressLimits = {
  requestBytes: 1_048_576,
  batchBytes: 8_388_608,
  batchEvents: 100_000,
  heldBytes: 268_435_456,
  json: { depth: 64, values: 4_000 },
  parameters: 2_000,
  headerFields: 100,
  targetBytes: 16_384,
  inflationRatio: 200,
  inflations: 4,
  connections: 16_384,
  connectionsPerAddress: 4_096,
  headersMs: 15_000,
  requestMs: 60_000,
  stallBytes: 1_024,
  stallMs: 10_000,
  checkMs: 2_000,
  discardMs: 2_000,
  answerMs: 120_000,
  heldAnswerBytes: 268_435_456,
  heartbeatMs: 15_000,
}

/** Bytes of request line and header fields together. */
export const HEADER_LIMIT_BYTES = 32_768
