/**
 * One told call, from ringing to hanging up. Scenarios say what happens on the phone, what is asked of which webhook, what
 * its server must see and what must come of it; this file sends, compares and tells. Time goes faster than in real calls.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { beginDeliveries, type CallFacts, dataAtBegin, dataAtEnd, endDeliveries } from './call-events.ts'
import { type Caller, spokenNumber } from './callers.ts'
import type { Carrier, Data, DecisionView, InvokeManner } from './carrier.ts'
import type { Scalar } from './content.ts'
import { decisionText } from './decision-text.ts'
import type { Expectation, Ledger } from './ledger.ts'
import type { CustomerAnswer } from './receiver/customer.ts'
import type { Receiver } from './receiver/receiver.ts'
import type { Story, Telling } from './story.ts'

/** What a call works with. */
export interface World {
  readonly carrier: Carrier
  readonly ledger: Ledger
  readonly receiver: Receiver
  readonly story: Story
}

/** One invoke with everything that must come of it. */
export interface Question {
  readonly webhook: string
  /** Beside what every event of the call carries. */
  readonly data: Data
  /** What the customer's server must see. */
  readonly request: Readonly<Record<string, Scalar | undefined>>
  /** Members that the decision must have, with exactly these values. */
  readonly decision: DecisionView
  /** What names the call to the server; default: the call's id. */
  readonly key?: string
  /** The second server that must be asked as well. */
  readonly alsoAsked?: string
  readonly manner?: Pick<InvokeManner, 'waitS'>
}

/** Webhooks whose servers are late on purpose: the story does not wait for them. */
const LATE: ReadonlySet<string> = new Set(['slow-crm', 'flaky-crm'])

/** See the head of this file. */
export class Call {
  readonly facts: CallFacts
  readonly #label: string
  readonly #world: World

  constructor(world: World, label: string, facts: CallFacts) {
    this.#world = world
    this.#label = label
    this.facts = facts
  }

  get id(): string {
    return this.facts.id
  }

  get caller(): Caller {
    return this.facts.caller
  }

  /** Tells something about the call. */
  tell(telling: Telling, text: string, durationMs?: number): void {
    this.#world.story.tell(this.#label, telling, text, durationMs)
  }

  /** The phone rings. */
  async begin(why: string): Promise<void> {
    const { firstName, lastName, number } = this.caller
    this.tell('ring', `${firstName} ${lastName}, ${spokenNumber(number)}, ${why}`)
    await this.send('call.begin', dataAtBegin(this.facts), beginDeliveries(this.facts))
  }

  /** Something happens on the phone, and takes a moment. */
  async says(text: string): Promise<void> {
    this.tell('phone', text)
    await this.pause()
  }

  /** A moment on the phone. */
  async pause(durationMs = 150): Promise<void> {
    await pause(durationMs)
  }

  /** Asks a customer's server and follows its decision. */
  async ask(question: Question): Promise<DecisionView> {
    const { carrier, ledger } = this.#world
    const { webhook, request, key = this.id, alsoAsked } = question
    const asked = (name: string): Expectation => ({ webhook: name, call: key, job: 'invoke', content: request })
    const servers = alsoAsked === undefined ? [asked(webhook)] : [asked(webhook), asked(alsoAsked)]
    const data = { ...dataAtBegin(this.facts), ...question.data }
    const manner = { ...question.manner, asForm: this.facts.sentAs === 'form' }
    const { decision, waitedMs, isFallback } = await carrier.invoke(webhook, this.id, data, servers, manner)
    for (const [name, expected] of Object.entries(question.decision)) {
      if (isDeepStrictEqual(decision[name], expected)) continue
      const shown = `${JSON.stringify(decision[name])}, expected ${JSON.stringify(expected)}`
      ledger.wrong(`decision of ${webhook}, call ${this.id}: ${name} is ${shown}`)
    }
    if (isFallback !== (alsoAsked !== undefined && decision.kind !== 'backup')) {
      ledger.wrong(`decision of ${webhook}, call ${this.id}: it is ${isFallback ? '' : 'not '}the fallback server's`)
    }
    const server = isFallback ? `${webhook} (its standby)` : webhook
    this.tell(decision.kind === 'backup' ? 'backup' : 'decision', `${server}: ${decisionText(decision)}`, waitedMs)
    return decision
  }

  /** Makes a customer's server behave otherwise than its script, once. */
  disturb(webhook: string, answer: CustomerAnswer, key: string = this.id): void {
    this.#world.receiver.disturb(webhook, key, answer)
  }

  /** An event that is over; tells when its deliveries have arrived. */
  async send(type: string, data: Data, deliveries: readonly Expectation[]): Promise<void> {
    const { id: call, account } = this.facts
    const told = type === 'call.begin' ? [] : deliveries.filter(({ webhook }) => !LATE.has(webhook))
    const watched = this.#watched(told)
    const others = deliveries.filter((delivery) => !told.includes(delivery))
    const sending = { type, call, account, data, deliveries: [...watched, ...others] }
    if (this.facts.sentAs === 'form') await this.#world.carrier.sendForm(sending)
    else await this.#world.carrier.send(sending)
  }

  /** Hangs up; `extra` are further data points of the end of the call. */
  async end(text: string, extra: Data = {}, known: { readonly customer?: string } = {}): Promise<void> {
    this.tell('phone', text)
    await this.send('call.end', { ...dataAtEnd(this.facts), ...extra }, endDeliveries(this.facts, extra, known))
  }

  #watched(deliveries: readonly Expectation[]): readonly Expectation[] {
    const startedAt = performance.now()
    const arrived: string[] = []
    return deliveries.map((delivery) => ({
      ...delivery,
      onArrival: () => {
        arrived.push(delivery.webhook)
        if (arrived.length < deliveries.length) return
        this.tell('arrived', `delivered to ${arrived.join(', ')}`, performance.now() - startedAt)
      },
    }))
  }
}
