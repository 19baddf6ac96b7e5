/**
 * The attack as the experiment sees it: a thread that begins and ends when it is told, and the webhooks that lead the engine to its
 * servers.
 */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { HOSTILE } from './hostile-answers.ts'

/** What the thread is told. */
export type AttackOrder = { readonly kind: 'begin'; readonly origin: string } | { readonly kind: 'end' }

/** What was done so far. */
export interface AttackTally {
  /** Bombs and rubbish sent to the ingress, slow connections not counted. */
  requests: number
  /** Calls of webhooks with hostile servers, and those that were answered with a decision. */
  calls: number
  answered: number
  /** Events for webhooks with hostile servers. */
  events: number
  /** Calls and events that were not answered as they should be. */
  readonly unanswered: string[]
}

/** See the head of this file; made by {@link openAttack}. */
export class Attack implements AsyncDisposable {
  readonly #worker: Worker
  readonly #port: number

  constructor(worker: Worker, port: number) {
    this.#worker = worker
    this.#port = port
  }

  /** Webhooks for the configuration; each server has an address of its own, and circuits never open. */
  webhooks(): readonly object[] {
    return HOSTILE.map((_, number) => ({
      id: `hostile-${number}`,
      profile: 'custom',
      account: 'default',
      on: [`to.hostile.${number}`],
      url: `http://127.3.0.${1 + number}:${this.#port}/${number}/?`,
      answer: number % 2 === 0 ? 'message' : 'next-action',
      circuit: 'off',
      retry: { schedule: ['0s', '1s', '2s'], jitter: 0 },
    }))
  }

  /** Begins an attack on the engine at `origin`. */
  begin(origin: string): void {
    this.#worker.postMessage({ kind: 'begin', origin } satisfies AttackOrder)
  }

  /** Ends it; resolves when every call and event of it was answered, with all that was done in all attacks. */
  async end(): Promise<AttackTally> {
    this.#worker.postMessage({ kind: 'end' } satisfies AttackOrder)
    const [tally] = await once(this.#worker, 'message')
    return tally
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate()
  }
}

/** Starts the thread and its servers; nothing is attacked yet. */
export async function openAttack(): Promise<Attack> {
  const worker = new Worker(new URL('./attack-thread.ts', import.meta.url))
  // What breaks there breaks the experiment.
  worker.on('error', (error) => {
    throw error
  })
  const [port] = await once(worker, 'message')
  return new Attack(worker, Number(port))
}
