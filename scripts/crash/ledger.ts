/**
 * What everybody outside the engine saw: which events were answered, which requests arrived, what was asked for, when the
 * engine lived. Nothing is judged here; `verdict.ts` does that at the end. All times are `performance.now()` of this process.
 */
import type { LifePhase } from './kill-moment.ts'
import type { EventType } from './webhooks.ts'

/** One process of the engine. */
export interface Life {
  /** From 1. */
  readonly number: number
  readonly phase: LifePhase
  readonly spawnedAtMs: number
  listeningAtMs?: number
  /** When a customer received its first delivery. */
  firstDeliveryAtMs?: number
  killedAtMs?: number
}

/** An event and what the engine said about it. */
export interface SentEvent {
  /** From 1; also what makes its content. */
  readonly number: number
  readonly id: string
  readonly type: EventType
  readonly call: string
  /** Place among the events of its call, from 0. */
  readonly place: number
  /** When it was sent first; undefined: not yet. */
  sentAtMs?: number
  /** When it was first confirmed by a 202; undefined: not yet. */
  acceptedAtMs?: number
  /** How many deliveries were made of it; undefined: its first answer never came. */
  deliveries?: number
  /** How often its answer never came. */
  unanswered: number
}

/** One request at a customer's server. */
export interface Arrival {
  readonly webhookId: string
  /** The number of the life that sent it, and of the configuration that it was made with. */
  readonly life: number
  readonly generation: number
  readonly receivedAtMs: number
  /** `open`: no answer yet, or the connection was gone before there was one; `refused`: on purpose. */
  result: 'open' | 'taken' | 'refused'
  /** When it was answered or broken; undefined while it is open. */
  endedAtMs?: number
}

/** A retry command for one delivery; each delivery gets one at most. */
export interface RetryCommand {
  readonly state: string
  readonly sentAtMs: number
  /** `unanswered`: it may or may not have been carried out. */
  result: 'confirmed' | 'unanswered' | 'refused'
}

/** A replay of a webhook's deliveries in one state, accepted in [sinceAtMs, untilAtMs). */
export interface ReplayCommand {
  readonly webhook: string
  readonly state: 'delivered' | 'dead'
  readonly sinceAtMs: number
  readonly untilAtMs: number
  readonly sentAtMs: number
  /** When it was answered, or the engine was gone. */
  endedAtMs?: number
  result: RetryCommand['result']
  /** Deliveries that it made pending, where it was confirmed. */
  count: number
}

/** A time for which a webhook was deactivated; each command is given until it is confirmed. */
export interface InactiveSpan {
  readonly sentAtMs: number
  confirmedAtMs?: number
  endSentAtMs?: number
  endConfirmedAtMs?: number
}

/** A configuration that was put into force while the engine ran. */
export interface Reload {
  readonly life: number
  readonly generation: number
  readonly confirmedAtMs: number
}

/** What came of backups of the running store. */
export interface Backups {
  /** Ended by themselves, verified and compared. */
  finished: number
  /** Killed, and there was nothing of their name; or something whole. */
  killed: number
  killedButWhole: number
  /** Begun before there was a store. */
  tooEarly: number
}

/** Problems that are kept as texts; more are only counted. */
const KEPT_PROBLEMS = 20

/** The name of a delivery in this experiment: every webhook is triggered once per event. */
export function deliveryKey(webhook: string, eventId: string): string {
  return `${webhook} ${eventId}`
}

/** See the head of this file. */
export class Ledger {
  readonly lives: Life[] = []
  readonly events: Map<string, SentEvent> = new Map()
  /** By {@link deliveryKey}, in the order received. */
  readonly arrivals: Map<string, Arrival[]> = new Map()
  readonly commands: Map<string, RetryCommand> = new Map()
  readonly replays: ReplayCommand[] = []
  readonly inactive: InactiveSpan[] = []
  readonly reloads: Reload[] = []
  /** Configurations given to a running engine, those included that a kill came before. */
  reloadsBegun = 0
  readonly backups: Backups = { finished: 0, killed: 0, killedButWhole: 0, tooEarly: 0 }
  /** What is wrong in itself, whatever comes later. */
  readonly #problems: string[] = []
  #problemCount = 0
  /** Live calls: answered by the engine, and cut off by its end. */
  readonly invokes: { answered: number; unanswered: number } = { answered: 0, unanswered: 0 }
  /** Events whose answer never came, and what the engine said when they were sent again. */
  readonly resent: { kept: number; unknown: number } = { kept: 0, unknown: 0 }

  /** A process begins. */
  beginLife(phase: LifePhase): Life {
    const life: Life = { number: this.lives.length + 1, phase, spawnedAtMs: performance.now() }
    this.lives.push(life)
    return life
  }

  /** A new event, about to be sent. */
  newEvent(type: EventType, call: string, place: number): SentEvent {
    const number = this.events.size + 1
    const event: SentEvent = { number, id: `e-${number}`, type, call, place, unanswered: 0 }
    this.events.set(event.id, event)
    return event
  }

  /** A request has arrived. */
  arrive(webhook: string, eventId: string, sent: Pick<Arrival, 'webhookId' | 'life' | 'generation'>): Arrival {
    const { life } = sent
    const arrival: Arrival = { ...sent, receivedAtMs: performance.now(), result: 'open' }
    const key = deliveryKey(webhook, eventId)
    const known = this.arrivals.get(key)
    if (known === undefined) this.arrivals.set(key, [arrival])
    else known.push(arrival)
    const sender = this.lives[life - 1]
    if (sender !== undefined) sender.firstDeliveryAtMs ??= arrival.receivedAtMs
    return arrival
  }

  /** Something is wrong that no later fact can put right. */
  wrong(problem: string): void {
    this.#problemCount += 1
    if (this.#problems.length < KEPT_PROBLEMS) this.#problems.push(problem)
  }

  /** The problems so far; of many only the first, and how many more. */
  problems(): readonly string[] {
    const more = this.#problemCount - this.#problems.length
    return more === 0 ? this.#problems : [...this.#problems, `and ${more} more of these kinds`]
  }
}
