/**
 * The attack as the experiment sees it: a process that begins and ends when it is told, and the webhooks that lead the engine to its
 * servers. It runs at the lowest priority: attackers have machines of their own, here they would take the engine's cores.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { constants, setPriority } from 'node:os'
import { HOSTILE } from './hostile-answers.ts'

/** What the process is told. */
export type AttackOrder = { readonly kind: 'begin'; readonly origin: string } | { readonly kind: 'end' }

/** What was done in one attack, or in several. */
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

/** Nothing was done yet. */
export function newTally(): AttackTally {
  return { requests: 0, calls: 0, answered: 0, events: 0, unanswered: [] }
}

/** Adds what was done in one more attack. */
export function addTally(to: AttackTally, more: AttackTally): void {
  to.requests += more.requests
  to.calls += more.calls
  to.answered += more.answered
  to.events += more.events
  to.unanswered.push(...more.unanswered)
}

/** See the head of this file; made by {@link openAttack}. */
export class Attack implements AsyncDisposable {
  readonly #process: ChildProcess
  readonly #port: number

  constructor(child: ChildProcess, port: number) {
    this.#process = child
    this.#port = port
  }

  /** Where its servers are, each at the address {@link hostileHost} and the path of its number. */
  get port(): number {
    return this.#port
  }

  /** Webhooks for the configuration; each server has an address of its own, and circuits never open. */
  webhooks(): readonly object[] {
    return HOSTILE.map((_, number) => ({
      id: `hostile-${number}`,
      profile: 'custom',
      account: 'default',
      on: [`to.hostile.${number}`],
      url: `http://${hostileHost(number)}:${this.#port}/${number}/?`,
      answer: number % 2 === 0 ? 'message' : 'next-action',
      circuit: 'off',
      retry: { schedule: ['0s', '1s', '2s'], jitter: 0 },
    }))
  }

  /** Begins an attack on the engine, or on whoever stands in for it, at `origin`. */
  begin(origin: string): void {
    this.#process.send({ kind: 'begin', origin } satisfies AttackOrder)
  }

  /** Ends it; resolves when every call and event of it was answered, with what was done in it. */
  async end(): Promise<AttackTally> {
    this.#process.send({ kind: 'end' } satisfies AttackOrder)
    const [tally] = await once(this.#process, 'message')
    return tally
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#process.connected) return
    this.#process.disconnect()
    await once(this.#process, 'exit')
  }
}

/** The address of a hostile server, by its number. */
export function hostileHost(number: number): string {
  return `127.3.0.${1 + number}`
}

/** Starts the process and its servers; nothing is attacked yet. */
export async function openAttack(): Promise<Attack> {
  const child = fork(new URL('./attack-process.ts', import.meta.url))
  if (child.pid === undefined) throw new Error('the process of the attackers did not start')
  setPriority(child.pid, constants.priority.PRIORITY_LOW)
  // What breaks there breaks the experiment.
  child.on('exit', (code) => {
    if (code !== 0) throw new Error(`the process of the attackers ended with status ${code}`)
  })
  const [port] = await once(child, 'message')
  return new Attack(child, Number(port))
}
