/**
 * What operators do meanwhile: replays by time, a webhook that is deactivated and activated again, and configurations that
 * change while the engine runs. Like the load, it goes on whatever happens to the engine; everything is entered into the
 * ledger, and nothing judged but what can't be right whatever comes later.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Called } from './engine-api.ts'
import type { InactiveSpan, Ledger, ReplayCommand } from './ledger.ts'
import type { LiveEngine, Lives } from './lives.ts'
import type { SeededRandom } from './seeded-random.ts'
import { SWITCHED_WEBHOOK, WEBHOOKS } from './webhooks.ts'

/** Wait before a command is given again, and between two looks whether a configuration is in force. */
const PATIENCE_MS = 20

/** Longest time in which an engine that lives must have taken over another configuration. */
const RELOAD_LIMIT_MS = 10_000

/** See the head of this file. */
export class Operators {
  readonly #lives: Lives
  readonly #ledger: Ledger
  readonly #random: SeededRandom

  constructor(lives: Lives, ledger: Ledger, random: SeededRandom) {
    this.#lives = lives
    this.#ledger = ledger
    this.#random = random
  }

  /** One replay of what was accepted in a second or two, of a webhook's dead letters or of what it took. */
  async replay(): Promise<void> {
    await pause(this.#random.between(200, 1000))
    const { life, api } = await this.#lives.current()
    const state = this.#random.chance(0.5) ? 'dead' : 'delivered'
    const webhook = this.#random.pick(WEBHOOKS)?.id ?? ''
    const sentAtMs = performance.now()
    const sinceAtMs = sentAtMs - this.#random.between(500, 6000)
    const untilAtMs = Math.min(sentAtMs, sinceAtMs + this.#random.between(200, 2000))
    const command: ReplayCommand = { webhook, state, sinceAtMs, untilAtMs, sentAtMs, result: 'unanswered', count: 0 }
    this.#ledger.replays.push(command)
    const called = await api.replay(webhook, { state, since: timeText(sinceAtMs), until: timeText(untilAtMs) })
    command.endedAtMs = performance.now()
    if (called.kind === 'answered') {
      const { status, replayed } = called.answer
      // 503: it listens already, and is not ready yet; 409: the one before is still under way.
      if (status !== 202 && status !== 503) this.#ledger.wrong(`a replay was answered with status ${status}`)
      command.result = status === 202 ? 'confirmed' : 'refused'
      command.count = status === 202 ? replayed : 0
    } else if (called.kind === 'not-sent') {
      command.result = 'refused'
    } else if (life.killedAtMs === undefined) {
      this.#ledger.wrong(`a replay was not answered: ${called.detail}`)
    }
  }

  /** Deactivates a webhook for a while. It is active again when this resolves. */
  async switchOff(): Promise<void> {
    await pause(this.#random.between(300, 2500))
    const { api } = await this.#lives.current()
    const span: InactiveSpan = { sentAtMs: performance.now() }
    this.#ledger.inactive.push(span)
    await this.#setActive(false, await api.setActive(SWITCHED_WEBHOOK, false))
    span.confirmedAtMs = performance.now()
    await pause(this.#random.between(50, 2500))
    span.endSentAtMs = performance.now()
    await this.#setActive(true, undefined)
    span.endConfirmedAtMs = performance.now()
  }

  /** Puts another configuration into force: the engine notices by itself, or is told by SIGHUP. */
  async reload(): Promise<void> {
    await pause(this.#random.between(100, 900))
    const { life, api } = await this.#lives.current()
    const generation = this.#lives.changeConfiguration(life, this.#random.chance(0.5))
    if (generation === undefined) return
    this.#ledger.reloadsBegun += 1
    const startedAtMs = performance.now()
    for (;;) {
      const now = await api.configuration()
      if (now.kind !== 'answered' || life.killedAtMs !== undefined) return
      if (now.answer.generation === generation) break
      if (now.answer.isRefused) {
        this.#ledger.wrong('a configuration was refused')
        return
      }
      if (performance.now() - startedAtMs > RELOAD_LIMIT_MS) {
        this.#ledger.wrong(`life ${life.number} did not take over a configuration`)
        return
      }
      await pause(PATIENCE_MS)
    }
    this.#ledger.reloads.push({ life: life.number, generation, confirmedAtMs: performance.now() })
  }

  /** Gives the command until it is confirmed, also to the next engines; `first` is what came of it already. */
  async #setActive(isActive: boolean, first: Called<number> | undefined): Promise<void> {
    let called = first
    for (;;) {
      if (called?.kind === 'answered' && called.answer === 200) return
      if (called !== undefined) await pause(PATIENCE_MS)
      const live: LiveEngine = await this.#lives.current()
      called = await live.api.setActive(SWITCHED_WEBHOOK, isActive)
      if (called.kind === 'answered' && called.answer !== 200 && called.answer !== 503) {
        this.#ledger.wrong(`an activation was answered with status ${called.answer}`)
      } else if (called.kind === 'unanswered' && live.life.killedAtMs === undefined) {
        this.#ledger.wrong(`an activation was not answered: ${called.detail}`)
      }
    }
  }
}

/** A time of this process's clock as the engine reads it. */
function timeText(atMs: number): string {
  return new Date(Date.now() - (performance.now() - atMs)).toISOString()
}
