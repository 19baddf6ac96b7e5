/**
 * The lives of the engine: each is a process on the same folder, killed at its moment. Callers always get the one that
 * listens, and wait while there is none. A life that ends by itself, or does not start, ends the experiment.
 */
import { renameSync, writeFileSync } from 'node:fs'
import { type EngineProcess, startEngine } from '../engine-process.ts'
import { EngineApi } from './engine-api.ts'
import type { KillMoment } from './kill-moment.ts'
import type { Ledger, Life } from './ledger.ts'

/** A life that listens. */
export interface LiveEngine {
  readonly life: Life
  readonly api: EngineApi
}

/** Time from begin to listening that is assumed until a life has shown it. */
const ASSUMED_START_MS = 400

/** See the head of this file. */
export class Lives {
  readonly #ledger: Ledger
  readonly #configFile: string
  readonly #configurationOf: (life: number, generation: number) => string
  #listening = Promise.withResolvers<LiveEngine>()
  #usualStartMs = ASSUMED_START_MS
  #generation = 0
  #engine: EngineProcess | undefined

  constructor(ledger: Ledger, configFile: string, configurationOf: (life: number, generation: number) => string) {
    this.#ledger = ledger
    this.#configFile = configFile
    this.#configurationOf = configurationOf
  }

  /** The engine that listens, at once or as soon as there is one. */
  current(): Promise<LiveEngine> {
    return this.#listening.promise
  }

  /** One life from its begin until it is killed; resolves when its process is gone. */
  async liveUntil(moment: KillMoment): Promise<void> {
    const life = this.#begin(moment.phase)
    const killed = new AbortController()
    const kill = (): void => {
      life.killedAtMs = performance.now()
      killed.abort()
    }
    if (moment.phase === 'start-up') setTimeout(kill, moment.share * this.#usualStartMs)
    const engine = await this.#start(life, killed.signal)
    if (engine === undefined) return
    if (moment.phase !== 'start-up') setTimeout(kill, moment.afterMs)
    const ending = await engine.ended()
    if (!killed.signal.aborted) throw new Error(`life ${life.number}: ${ending}`)
    for (const line of engine.errors) this.#ledger.wrong(`life ${life.number} logged: ${line}`)
    const { api } = await this.#listening.promise
    this.#listening = Promise.withResolvers()
    await api.close()
  }

  /** Begins the last life, which is not killed. */
  async begin(): Promise<EngineProcess> {
    const life = this.#begin('none')
    const engine = await this.#start(life, new AbortController().signal)
    if (engine === undefined) throw new Error('the last life was killed')
    return engine
  }

  /**
   * Gives the engine of this life another configuration, which it reads by itself or is told to by SIGHUP; returns its number,
   * undefined where that engine is gone. In one turn, so that the next life never reads what was meant for this one.
   */
  changeConfiguration(life: Life, signals: boolean): number | undefined {
    if (this.#engine === undefined || life.killedAtMs !== undefined || life !== this.#ledger.lives.at(-1))
      return undefined
    this.#writeConfiguration(life.number)
    if (signals) process.kill(this.#engine.pid, 'SIGHUP')
    return this.#generation
  }

  /** As editors do it: never half a file. */
  #writeConfiguration(life: number): void {
    this.#generation += 1
    const whole = `${this.#configFile}.next`
    writeFileSync(whole, this.#configurationOf(life, this.#generation))
    renameSync(whole, this.#configFile)
  }

  #begin(phase: Life['phase']): Life {
    this.#writeConfiguration(this.#ledger.lives.length + 1)
    return this.#ledger.beginLife(phase)
  }

  /** Undefined where it was killed before it listened. */
  async #start(life: Life, killed: AbortSignal): Promise<EngineProcess | undefined> {
    try {
      this.#engine = undefined
      const engine = await startEngine(this.#configFile, killed)
      this.#engine = engine
      life.listeningAtMs = performance.now()
      this.#usualStartMs = life.listeningAtMs - life.spawnedAtMs
      this.#listening.resolve({ life, api: new EngineApi(engine.origin) })
      return engine
    } catch (error) {
      if (killed.aborted) return undefined
      throw new Error(`life ${life.number} did not start`, { cause: error })
    }
  }
}
