/**
 * Every limit of the ingress in one place. What passes a limit is refused whole with a message that names it; nothing is
 * ever cut. Read by the body reader, the event readers and the server.
 */

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
  /** Levels of nesting in JSON and in dotted parameter names; the outermost object is level 1. */
  readonly depth: number
  /** Parameters of a query or form body: building more would hold the loop for over a millisecond. */
  readonly parameters: number
}

/** The limits unless a test or an operator says otherwise. */
export const DEFAULT_LIMITS: IngressLimits = {
  requestBytes: 1_048_576,
  batchBytes: 8_388_608,
  batchEvents: 100_000,
  heldBytes: 268_435_456,
  depth: 64,
  parameters: 2_000,
}

/** Time for all of a request's header fields to arrive, from the connection's first byte of it. */
export const HEADERS_TIMEOUT_MS = 15_000

/** Time for a whole request to arrive: 8 MiB at 140 KB/s. */
export const REQUEST_TIMEOUT_MS = 60_000

/** How often connections are checked for the two timeouts above. */
export const TIMEOUT_CHECK_MS = 2_000

/** Bytes of request line and header fields together; an invoke by GET carries its data points there. */
export const HEADER_LIMIT_BYTES = 32_768

/** How long the rest of a refused body is still read and dropped, so that the client gets to read the answer. */
export const DISCARD_MS = 2_000
