/**
 * Plays the told calls: one scenario after the other, each call begun a little after the one before, until it is time to
 * stop. A call that has begun always ends.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { Call, type World } from './call.ts'
import type { Callers } from './callers.ts'
import { type Scenario, variantOf } from './scenarios/scenario.ts'
import { SCENARIOS } from './scenarios/scenarios.ts'

/** Time between the beginnings of two calls: as fast as one can read, and as the slow server can follow. */
const INTERVAL_MS = 500

/** See the head of this file. */
export class ToldCalls {
  readonly #world: World
  readonly #callers: Callers
  readonly #played = new Map<string, number>()
  readonly #running = new Set<Promise<void>>()
  #count = 0

  constructor(world: World, callers: Callers) {
    this.#world = world
    this.#callers = callers
  }

  /** Calls that have begun, by kind. */
  get played(): ReadonlyMap<string, number> {
    return this.#played
  }

  /** Begins calls until `stopping`, then resolves when all have ended. */
  async play(stopping: AbortSignal): Promise<void> {
    while (!stopping.aborted) {
      const run = this.#playNext()
      this.#running.add(run)
      run.finally(() => this.#running.delete(run))
      await pause(INTERVAL_MS, undefined, { signal: stopping }).catch(() => undefined)
    }
    await Promise.all(this.#running)
  }

  async #playNext(): Promise<void> {
    const scenario = variantOf(SCENARIOS, this.#count)
    const round = this.#played.get(scenario.kind) ?? 0
    this.#count += 1
    this.#played.set(scenario.kind, round + 1)
    const label = `${scenario.kind} ${round + 1}`
    try {
      await scenario.play(this.#newCall(scenario, label), round)
    } catch (error) {
      this.#world.ledger.wrong(`${label}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }

  #newCall({ account, calledNumber, sentAs = 'json' }: Scenario, label: string): Call {
    const talkSeconds = 20 + ((this.#count * 37) % 300)
    const intelligentSeconds = 5 + ((this.#count * 11) % 40)
    // Told in fast motion: the call is over now, so that it began its length ago.
    const startedAtMs = Math.floor(Date.now() / 1000) * 1000 - (talkSeconds + intelligentSeconds) * 1000
    return new Call(this.#world, label, {
      id: `call-${this.#count}`,
      account,
      caller: this.#callers.next(),
      calledNumber,
      sentAs,
      talkSeconds,
      intelligentSeconds,
      startedAtMs,
      queueDepth: this.#count % 9,
    })
  }
}
