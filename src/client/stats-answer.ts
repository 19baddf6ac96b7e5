/**
 * Live figures as an engine answers them. A token for some accounts gets what is theirs alone, so that most members may be
 * missing; members that a later engine adds are simply there.
 */

/** See the head of this file; counts are since the start of the engine, times RFC 3339. */
export interface Stats {
  readonly [name: string]: unknown
  /** When these were taken, in milliseconds on the engine's own clock, which begins with its process. */
  readonly atMs?: number
  /** Of these accounts alone; absent: of all. */
  readonly accounts?: readonly string[]
  readonly config?: {
    /** Absent for a token of some accounts, as is `lastReload`. */
    readonly loadedAt?: string
    readonly lastReload?: {
      readonly at: string
      readonly result: 'success' | 'refused'
      readonly issues: readonly string[]
    }
    /** What was set over the API and can't be used beside the file as it is now. */
    readonly leftOut?: readonly {
      readonly kind: string
      readonly id: string
      readonly account: string
      readonly issues: readonly string[]
    }[]
  }
  readonly readiness?: readonly { readonly name: string; readonly ready: boolean; readonly detail: string }[]
  readonly outbox: { readonly pending: number; readonly delivered?: number; readonly dead?: number }
  readonly events?: number
  readonly attempts?: number
  readonly delivered?: number
  readonly retries?: number
  /** Deliveries that became dead letters. */
  readonly dead?: number
  readonly invokes?: number
  /** Of the last one to two minutes; absent where there was no invoke. */
  readonly invokeP50Ms?: number
  readonly invokeP99Ms?: number
  readonly inFlight?: number
  /** Calls whose context is kept. */
  readonly calls?: number
  readonly webhooks: number
  readonly deactivated: readonly { readonly webhook: string; readonly reason: string; readonly since?: string }[]
  readonly circuits: readonly {
    readonly endpoint: string
    readonly account: string
    readonly state: string
    readonly since: string
    readonly reason: string
    readonly nextProbe?: string
  }[]
  readonly held: {
    readonly deliveries: Readonly<Record<string, number>>
    readonly webhooks: readonly {
      readonly webhook: string
      readonly account: string
      readonly reason: string
      readonly until?: string
      readonly deliveries: number
    }[]
  }
}
