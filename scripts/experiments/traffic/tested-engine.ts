/**
 * An engine under experiment: the real command on a folder of its own, started, stopped, killed and started again. Whoever
 * sends events waits while there is none; an engine that ends by itself fails them.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type EngineProcess, startEngine } from '../../engine-process.ts'
import { monotonicMs } from './arrival-log.ts'
import type { Configuration } from './configuration.ts'
import { EventClient, type OutgoingEvent, type StoreCounts } from './event-client.ts'

/** One process. Times as in the log of arrivals. */
export interface Life {
  readonly startedAtMs: number
  readonly listeningAtMs: number
  killedAtMs?: number
}

/** Wait before events are sent again that were not taken or not answered. */
const PATIENCE_MS = 10

/** How often is looked whether everything has come to its end. */
const LOOK_MS = 100

/** See the head of this file. */
export class TestedEngine implements AsyncDisposable {
  readonly lives: Life[] = []
  /** What was wrong in itself: errors that it logged, an end that was not in order. */
  readonly problems: string[] = []
  readonly #folder: string
  readonly #configFile: string
  readonly #configuration: Configuration
  #process: EngineProcess | undefined
  #listening = Promise.withResolvers<EventClient>()

  /** `folder` need not exist. */
  constructor(folder: string, configuration: Configuration) {
    this.#folder = folder
    this.#configFile = join(folder, 'switchhook.yaml')
    this.#configuration = configuration
  }

  /** The number of its process. */
  get pid(): number {
    if (this.#process === undefined) throw new Error('the engine is not running')
    return this.#process.pid
  }

  /** Where it listens. */
  get origin(): string {
    if (this.#process === undefined) throw new Error('the engine is not running')
    return this.#process.origin
  }

  /** Where its files are. */
  get folder(): string {
    return this.#folder
  }

  /** Those who talk to it get this as soon as it listens. */
  get client(): Promise<EventClient> {
    return this.#listening.promise
  }

  /** Starts it; resolves when it listens. */
  async start(): Promise<Life> {
    await mkdir(this.#folder, { recursive: true })
    await writeFile(this.#configFile, this.#configuration(this.lives.length + 1))
    const startedAtMs = monotonicMs()
    const engine = await startEngine(this.#configFile)
    const life: Life = { startedAtMs, listeningAtMs: monotonicMs() }
    this.lives.push(life)
    this.#process = engine
    this.#listening.resolve(new EventClient(engine.origin))
    this.#watch(engine)
    return life
  }

  /** Ends it in order. */
  async stop(): Promise<void> {
    const engine = this.#release()
    const problem = await engine?.stop()
    if (problem !== undefined) this.problems.push(problem)
    await this.#forget(engine)
  }

  /** Ends it with SIGKILL. */
  async kill(): Promise<void> {
    const engine = this.#release()
    const life = this.lives.at(-1)
    if (life !== undefined) life.killedAtMs = monotonicMs()
    engine?.kill()
    await engine?.ended()
    await this.#forget(engine)
  }

  /** Sends events, and again until each is kept; gives how often the answer never came. */
  async confirm(events: readonly OutgoingEvent[]): Promise<number> {
    let unanswered = 0
    for (;;) {
      const sent = await (await this.client).send(events)
      if (sent.kind === 'confirmed') return unanswered
      if (sent.kind === 'unanswered') unanswered += 1
      await pause(PATIENCE_MS)
    }
  }

  /** Waits until nothing is pending any more or `limitMs` is over; gives what the store holds then. */
  async drained(limitMs: number): Promise<StoreCounts> {
    const endMs = monotonicMs() + limitMs
    for (;;) {
      const counts = await (await this.client).counts()
      if (counts.pending === 0 || monotonicMs() >= endMs) return counts
      await pause(LOOK_MS)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
  }

  /** From here on its end is expected. */
  #release(): EngineProcess | undefined {
    const engine = this.#process
    this.#process = undefined
    return engine
  }

  async #forget(engine: EngineProcess | undefined): Promise<void> {
    if (engine === undefined) return
    this.problems.push(...engine.errors)
    const client = await this.client
    this.#listening = Promise.withResolvers()
    await client.close()
  }

  #watch(engine: EngineProcess): void {
    engine.ended().then((reason) => {
      if (this.#process !== engine) return
      this.#listening = Promise.withResolvers()
      this.#listening.promise.catch(() => this.problems.push(reason))
      this.#listening.reject(new Error(reason))
    })
  }
}
