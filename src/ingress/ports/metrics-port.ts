/**
 * What the ingress reports about itself, declared by the one who calls it. Calls are cheap and never throw.
 * Labels are bounded by the caller where it can (routes, methods, statuses) and by the metrics where it can't (event types).
 */

/** Metrics as the ingress sees them. */
export interface MetricsPort {
  /**
   * One request was answered. `route` is a route's pattern (`/v1/webhooks/{id}/invoke`), `unmatched` or `unparsed`;
   * `status` is 499 where the client was gone before the answer.
   */
  httpRequest(route: string, method: string, status: number): void
  /** An event was refused before the engine saw it; `type` is empty where it could not be read. */
  eventRefused(type: string): void
  /** Bytes of a request that were not valid in its charset and became U+FFFD. */
  replacedBytes(count: number): void
  /** Milliseconds that the ingress itself took between having an event's bytes and handing it to the engine. */
  overheadIngress(durationMs: number): void
  /** Everything, in the format that a client asks for by `accept` and `accept-encoding`, empty where it sends none. */
  scrape(accept: string, acceptEncoding: string): Promise<ScrapeAnswer>
}

/** A scrape ready to be written. */
export interface ScrapeAnswer {
  readonly contentType: string
  /** Absent where the body is sent as it is. */
  readonly contentEncoding?: 'gzip'
  readonly body: Uint8Array
}

/** Where the ingress writes what went wrong here, never what a client did wrong, and who changed what. A pino logger fits. */
export interface IngressLog {
  /** At which level it is written, and from now on is to be; absent: it has none that can be changed here. */
  level?: string
  info(fields: object, message: string): void
  error(fields: object, message: string): void
}
