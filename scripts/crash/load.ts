/**
 * The load: switches that send the events of their calls one by one, as JSON or as forms, exchanges that send many calls'
 * events as NDJSON, live calls, somebody who has deliveries sent again, and what operators do. It goes on whatever happens
 * to the engine; when it is told to stop, what has begun is brought to its end.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { BackupRounds } from './backups.ts'
import { deliveryKey, type Ledger, type RetryCommand, type SentEvent } from './ledger.ts'
import type { LiveEngine, Lives } from './lives.ts'
import { Operators } from './operators.ts'
import type { SeededRandom } from './seeded-random.ts'
import { Sender } from './sender.ts'
import type { EventType } from './webhooks.ts'

/** Who sends at the same time. */
const SWITCHES = 10
const EXCHANGES = 3
const LIVE_CALLERS = 2

/** Most calls whose events an exchange sends together. */
const CALLS_TOGETHER = 12

/** Of so many events one is sent again although it was confirmed. */
const SENT_AGAIN_RATIO = 0.02

/** Deliveries looked at to choose one that is sent again. */
const CHOICE = 50

/** See the head of this file. */
export class Load {
  readonly #lives: Lives
  readonly #ledger: Ledger
  readonly #random: SeededRandom
  readonly #sender: Sender
  readonly #operators: Operators
  readonly #backups: BackupRounds | undefined
  #calls = 0

  /** `store` is the folder of the store that is backed up meanwhile; undefined: there is none. */
  constructor(lives: Lives, ledger: Ledger, random: SeededRandom, store: string | undefined) {
    this.#operators = new Operators(lives, ledger, random)
    this.#backups = store === undefined ? undefined : new BackupRounds(lives, ledger, random, store)
    this.#lives = lives
    this.#ledger = ledger
    this.#random = random
    this.#sender = new Sender(lives, ledger)
  }

  /** Resolves when `stopping` is aborted and everything that was begun is confirmed. */
  async run(stopping: AbortSignal): Promise<void> {
    const many = (count: number, step: () => Promise<void>): Promise<void>[] =>
      Array.from({ length: count }, () => repeat(step, stopping))
    await Promise.all([
      ...many(SWITCHES, () => this.#playCall()),
      ...many(EXCHANGES, () => this.#playTogether()),
      ...many(LIVE_CALLERS, () => this.#invoke()),
      ...many(1, () => this.#sendAgain()),
      ...many(1, () => this.#operators.replay()),
      ...many(1, () => this.#operators.switchOff()),
      ...many(1, () => this.#operators.reload()),
      ...many(this.#backups === undefined ? 0 : 1, async () => await this.#backups?.round()),
    ])
  }

  async #playCall(): Promise<void> {
    const manner = this.#random.chance(0.5) ? 'json' : 'form'
    for (const event of this.#newCall()) {
      await this.#sender.confirm([event], manner)
      if (this.#random.chance(SENT_AGAIN_RATIO)) await this.#sender.confirm([event], manner)
      await pause(this.#random.between(0, 20))
    }
  }

  /** Each batch holds the next one or two events of every call, two of a call in their order. */
  async #playTogether(): Promise<void> {
    const calls = Array.from({ length: this.#random.between(2, CALLS_TOGETHER) }, () => this.#newCall())
    while (calls.some((events) => events.length > 0)) {
      const batch = calls.flatMap((events) => events.splice(0, this.#random.between(0, 2)))
      if (batch.length > 0) await this.#sender.confirm(batch, 'batch')
      if (this.#random.chance(SENT_AGAIN_RATIO)) await this.#sender.confirm(batch, 'batch')
      await pause(this.#random.between(0, 60))
    }
  }

  async #invoke(): Promise<void> {
    const { life, api } = await this.#lives.current()
    const called = await api.invoke(`live-${this.#random.between(1, 1000)}`)
    if (called.kind === 'answered') {
      this.#ledger.invokes.answered += 1
      // 503: it listens already, and is not ready yet.
      if (called.answer !== 200 && called.answer !== 503) {
        this.#ledger.wrong(`an invoke was answered with status ${called.answer}`)
      }
    } else if (called.kind === 'unanswered') {
      this.#ledger.invokes.unanswered += 1
      if (life.killedAtMs === undefined) this.#ledger.wrong(`an invoke was not answered: ${called.detail}`)
    }
    await pause(this.#random.between(10, 40))
  }

  /** Has one delivery sent again that was not yet: mostly a dead one. */
  async #sendAgain(): Promise<void> {
    await pause(this.#random.between(20, 80))
    const state = this.#random.pick(['dead', 'dead', 'delivered', 'pending']) ?? 'dead'
    const live = await this.#lives.current()
    const page = await live.api.list(state, CHOICE)
    if (page.kind !== 'answered') return
    const untouched = page.answer.deliveries.filter(
      ({ webhook, event }) => !this.#ledger.commands.has(deliveryKey(webhook, event)),
    )
    const chosen = this.#random.pick(untouched)
    if (chosen === undefined) return
    const command: RetryCommand = { state, sentAtMs: performance.now(), result: 'unanswered' }
    this.#ledger.commands.set(deliveryKey(chosen.webhook, chosen.event), command)
    command.result = await this.#retry(live, chosen.id)
  }

  async #retry({ life, api }: LiveEngine, id: string): Promise<RetryCommand['result']> {
    const called = await api.retry(id)
    switch (called.kind) {
      case 'answered':
        if (called.answer !== 202) this.#ledger.wrong(`a retry of ${id} was answered with status ${called.answer}`)
        return called.answer === 202 ? 'confirmed' : 'refused'
      case 'unanswered':
        if (life.killedAtMs === undefined) this.#ledger.wrong(`a retry was not answered: ${called.detail}`)
        return 'unanswered'
      case 'not-sent':
        return 'refused'
    }
  }

  #newCall(): SentEvent[] {
    this.#calls += 1
    const call = `call-${this.#calls}`
    const steps = Array.from({ length: this.#random.between(0, 4) }, (): EventType => 'call.step')
    const types: readonly EventType[] = ['call.begin', ...steps, 'call.end']
    return types.map((type, place) => this.#ledger.newEvent(type, call, place))
  }
}

async function repeat(step: () => Promise<void>, stopping: AbortSignal): Promise<void> {
  while (!stopping.aborted) await step()
}
