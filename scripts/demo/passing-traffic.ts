/**
 * The traffic that passes by: begins and ends of a dealer's many calls, as a switch sends them in NDJSON batches, and now and
 * then a call that nobody takes. Nothing of it is told, all of it is compared.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { World } from './call.ts'
import { beginDeliveries, type CallFacts, dataAtBegin, dataAtEnd, OPEN_NUMBER } from './call-events.ts'
import type { Callers } from './callers.ts'
import type { Sending } from './carrier.ts'
import { crmBegin, crmEnd } from './scenarios/crm-deliveries.ts'

/** Time between two batches. */
const TICK_MS = 100

/** Every so many events one goes to the operations' feed, which takes 100 a second and no more. */
const FEED_EVERY = 8

/** Calls that are going on at a time; each ends when so many others have begun. */
const CALLS_AT_A_TIME = 100

const CAMPAIGN = 'Sales Campaign'

/** See the head of this file. */
export class PassingTraffic {
  readonly #world: World
  readonly #callers: Callers
  readonly #perTick: number
  readonly #calls: CallFacts[] = []
  #count = 0
  #sent = 0

  /** `perSecond`: events, begins and ends together. */
  constructor(world: World, callers: Callers, perSecond: number) {
    this.#world = world
    this.#callers = callers
    this.#perTick = (perSecond * TICK_MS) / 1000
  }

  /** Events sent. */
  get sent(): number {
    return this.#sent
  }

  /** Sends until `stopping`, then ends the calls that are still going on. */
  async run(stopping: AbortSignal): Promise<void> {
    if (this.#perTick === 0) return
    const startedAt = performance.now()
    let ticks = 0
    while (!stopping.aborted) {
      ticks += 1
      const due = Math.round(ticks * this.#perTick) - this.#sent
      await this.#send(Array.from({ length: due }, () => this.#nextEvent()))
      const waitMs = startedAt + ticks * TICK_MS - performance.now()
      await pause(Math.max(0, waitMs), undefined, { signal: stopping }).catch(() => undefined)
    }
    await this.#send(this.#calls.splice(0).map(endOf))
  }

  async #send(sendings: readonly Sending[]): Promise<void> {
    if (sendings.length === 0) return
    this.#sent += sendings.length
    try {
      await this.#world.carrier.sendBatch(sendings)
    } catch (error) {
      this.#world.ledger.wrong(`a batch of ${sendings.length} events: ${String(error)}`)
    }
  }

  #nextEvent(): Sending {
    this.#count += 1
    if (this.#count % FEED_EVERY === 0) return missedCall(this.#newCall('default', OPEN_NUMBER))
    if (this.#calls.length >= CALLS_AT_A_TIME || this.#count % 2 === 0) {
      const ended = this.#calls.shift()
      if (ended !== undefined) return endOf(ended)
    }
    const call = this.#newCall('acme', '7774839229')
    this.#calls.push(call)
    return beginOf(call)
  }

  #newCall(account: CallFacts['account'], calledNumber: string): CallFacts {
    return {
      id: `passing-${this.#count}`,
      account,
      caller: this.#callers.next(),
      calledNumber,
      sentAs: 'json',
      talkSeconds: 10 + (this.#count % 500),
      intelligentSeconds: 5,
      startedAtMs: Date.now(),
      queueDepth: this.#count % 5,
    }
  }
}

function missedCall(facts: CallFacts): Sending {
  return { type: 'call.begin', call: facts.id, data: dataAtBegin(facts), deliveries: beginDeliveries(facts) }
}

function beginOf(facts: CallFacts): Sending {
  const data = { ...dataAtBegin(facts), campaign_name: CAMPAIGN, repeat_caller: true }
  return {
    type: 'call.begin',
    call: facts.id,
    account: facts.account,
    data,
    deliveries: [crmBegin(facts, CAMPAIGN, 1)],
  }
}

function endOf(facts: CallFacts): Sending {
  const end = {
    campaign_name: CAMPAIGN,
    prompt_responses: [
      { question: 'Main', response: '1' },
      { question: 'Sales', response: '2' },
    ],
    rec_audiourl: 'https://audio.example.com/MP3/demo.mp3?a=1&b=2',
  }
  const data = { ...dataAtEnd(facts), ...end }
  return { type: 'call.end', call: facts.id, account: facts.account, data, deliveries: [crmEnd(facts)] }
}
