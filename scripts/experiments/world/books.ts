/**
 * What everybody outside the engine saw, and what it comes to. Times are `performance.now()` of this process, which no
 * experiment touches. Nobody kills the engine here, so a delivery that was taken must never come again.
 */
import { HELD, ORDERED, triggers, WEBHOOKS } from './webhooks.ts'

/** An event and what the engine said about it. */
export interface KeptEvent {
  readonly number: number
  readonly id: string
  readonly call: string
  acceptedAtMs?: number
  /** Answers 429 and 503. */
  refusals: number
  /** Refused and never sent again: nothing of it may arrive. */
  isGivenUp: boolean
}

/** A request at a webhook's server. */
export interface Request {
  readonly atMs: number
  readonly isTaken: boolean
  readonly webhookId: string
  /** The field `webhook-timestamp`, in seconds. */
  readonly timestamp: number
}

/** What must be nothing; texts are one line for each case. */
export interface Judgement {
  readonly accepted: number
  readonly deliveries: number
  readonly lost: readonly string[]
  readonly twice: readonly string[]
  readonly halfAccepted: readonly string[]
  readonly outOfOrder: readonly string[]
}

/** Problems that are kept as texts. */
const KEPT_PROBLEMS = 20

/** See the head of this file. */
export class Books {
  readonly events: KeptEvent[] = []
  /** What is wrong in itself. */
  readonly problems: string[] = []
  /** Events accepted from then on are none of the webhook {@link HELD}: it is deactivated. */
  heldFromMs: number = Number.POSITIVE_INFINITY
  readonly #requests = new Map<string, Request[]>()

  /** A new event, about to be sent. */
  newEvent(call: string): KeptEvent {
    const number = this.events.length + 1
    const event: KeptEvent = { number, id: `e-${number}`, call, refusals: 0, isGivenUp: false }
    this.events.push(event)
    return event
  }

  /** A request has arrived and was answered. */
  arrive(webhook: string, event: number, request: Request): void {
    const known = this.#requests.get(`${webhook} ${event}`)
    if (known === undefined) this.#requests.set(`${webhook} ${event}`, [request])
    else known.push(request)
  }

  /** Requests for an event at a webhook's server, in the order received. */
  requests(webhook: string, event: number): readonly Request[] {
    return this.#requests.get(`${webhook} ${event}`) ?? []
  }

  /** All requests at a webhook's server. */
  *requestsTo(webhook: string): Iterable<Request> {
    for (const [key, requests] of this.#requests) if (key.startsWith(`${webhook} `)) yield* requests
  }

  wrong(problem: string): void {
    if (this.problems.length < KEPT_PROBLEMS) this.problems.push(problem)
  }

  /** `dead`: `webhook number` of all dead letters. */
  judge(dead: ReadonlySet<string>): Judgement {
    const accepted = this.events.filter(({ acceptedAtMs }) => acceptedAtMs !== undefined)
    const lost: string[] = []
    const twice: string[] = []
    const halfAccepted: string[] = []
    let deliveries = 0
    for (const { id: webhook } of WEBHOOKS) {
      for (const event of this.events) {
        const requests = this.requests(webhook, event.number)
        const name = `${event.id} to ${webhook}`
        if (!this.#owes(webhook, event)) {
          if (requests.length > 0) halfAccepted.push(`${name} arrived, and was never accepted`)
          continue
        }
        deliveries += 1
        const taken = requests.findIndex(({ isTaken }) => isTaken)
        if (taken === -1 && !dead.has(`${webhook} ${event.number}`)) lost.push(name)
        const ids = new Set(requests.map(({ webhookId }) => webhookId))
        if (ids.size > 1 || (taken !== -1 && taken < requests.length - 1))
          twice.push(`${name}: ${requests.length} requests`)
      }
    }
    return {
      accepted: accepted.length,
      deliveries,
      lost,
      twice,
      halfAccepted,
      outOfOrder: this.#outOfOrder(accepted, dead),
    }
  }

  #owes(webhook: string, { number, acceptedAtMs }: KeptEvent): boolean {
    if (acceptedAtMs === undefined || !triggers(number, webhook)) return false
    return webhook !== HELD || acceptedAtMs < this.heldFromMs
  }

  #outOfOrder(accepted: readonly KeptEvent[], dead: ReadonlySet<string>): readonly string[] {
    const broken: string[] = []
    for (const events of Map.groupBy(accepted, ({ call }) => call).values()) {
      let before: KeptEvent | undefined
      for (const event of events.toSorted((a, b) => (a.acceptedAtMs ?? 0) - (b.acceptedAtMs ?? 0))) {
        const first = this.requests(ORDERED, event.number)[0]
        if (before !== undefined && first !== undefined && !dead.has(`${ORDERED} ${before.number}`)) {
          const taken = this.requests(ORDERED, before.number).find(({ isTaken }) => isTaken)
          if (taken === undefined || taken.atMs > first.atMs)
            broken.push(`${event.id} came before ${before.id} was taken`)
        }
        before = event
      }
    }
    return broken
  }
}
