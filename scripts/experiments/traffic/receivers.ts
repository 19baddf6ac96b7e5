/**
 * The customers' servers as the experiment sees them: origins, one a webhook, manners that it changes while they run, and
 * the log of what arrived. They run on a thread of their own, so that what they cost is not the engine's or the sender's.
 */
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { type Arrival, ArrivalLog, allocateArrivals } from './arrival-log.ts'
import { MANNERS, type Manner, type ReceiverSetup } from './manner.ts'

/** How often is looked whether something has arrived. */
const LOOK_MS = 2

/** See the head of this file; made by {@link openReceivers}. */
export class Receivers implements AsyncDisposable {
  readonly log: ArrivalLog
  readonly #worker: Worker
  readonly #manners: Int32Array
  readonly #port: number

  constructor(worker: Worker, port: number, { arrivals, manners }: ReceiverSetup) {
    this.log = new ArrivalLog(arrivals)
    this.#worker = worker
    this.#port = port
    this.#manners = new Int32Array(manners)
  }

  /** The origin of a webhook's server: each has an address of its own. */
  originOf(webhook: number): string {
    return `http://127.1.${Math.floor(webhook / 250)}.${1 + (webhook % 250)}:${this.#port}`
  }

  /** How a webhook's server treats requests from now on. */
  setManner(webhook: number, manner: Manner): void {
    Atomics.store(this.#manners, webhook, MANNERS.indexOf(manner))
  }

  /** Requests from the place `from` of the log on. */
  *arrivals(from = 0): Generator<Arrival> {
    const end = this.log.length
    for (let index = from; index < end; index += 1) yield this.log.at(index)
  }

  /** Resolves with the first request from `from` on that `isWanted`, or undefined after `limitMs`. */
  async next(from: number, isWanted: (arrival: Arrival) => boolean, limitMs: number): Promise<Arrival | undefined> {
    const startedAtMs = performance.now()
    let index = from
    while (performance.now() - startedAtMs < limitMs) {
      for (; index < this.log.length; index += 1) {
        const arrival = this.log.at(index)
        if (isWanted(arrival)) return arrival
      }
      await pause(LOOK_MS)
    }
    return undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate()
  }
}

/** Servers for `webhooks` webhooks, which get at most `capacity` requests. They take everything at first. */
export async function openReceivers(webhooks: number, capacity: number, seed = 1): Promise<Receivers> {
  const setup: ReceiverSetup = {
    arrivals: allocateArrivals(capacity),
    manners: new SharedArrayBuffer(4 * webhooks),
    seed,
  }
  const worker = new Worker(new URL('./receiver-thread.ts', import.meta.url), { workerData: setup })
  // What breaks there breaks the experiment.
  worker.on('error', (error) => {
    throw error
  })
  const [port] = await once(worker, 'message')
  return new Receivers(worker, Number(port), setup)
}
