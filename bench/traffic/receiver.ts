/**
 * The receiving process as benches use it: begins a slice, and gives it back only when every byte that should have come is there.
 */
import { Program } from '../processes/program.ts'
import { checkArrived, expectedFingerprint } from './fingerprint.ts'
import type { Arrived, ReceiverCommands } from './receiver-program.ts'

/** Longest silence of senders before a slice is taken for ended, and then for incomplete. */
const QUIET_MS = 15_000

/** Which calls a slice is about. */
export interface CallRange {
  readonly first: number
  readonly count: number
}

/** See the head of this file; made by {@link startReceiver}. */
export class Receiver implements AsyncDisposable {
  readonly program: Program<ReceiverCommands>
  readonly #port: number

  constructor(program: Program<ReceiverCommands>, port: number) {
    this.program = program
    this.#port = port
  }

  /** One of the origins at which it listens; each index has another address. */
  origin(index = 0): string {
    const place = index + 1
    return `http://127.0.${Math.floor(place / 250)}.${1 + (place % 250)}:${this.#port}`
  }

  /** Begins a slice; with `withTimes`, arrivals are taken down one by one. */
  async begin({ first, count }: CallRange, withTimes = false): Promise<void> {
    await this.program.ask('begin', withTimes ? { count, timesFrom: first } : { count })
  }

  /** Resolves when all calls of the slice have arrived; rejects where anything else did, or less. `who` sent it. */
  async complete(who: string, { first, count }: CallRange): Promise<Arrived> {
    const arrived = await this.program.ask('arrived', { quietMs: QUIET_MS })
    checkArrived(who, arrived, expectedFingerprint(first, count))
    return arrived
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.program[Symbol.asyncDispose]()
  }
}

/** Starts a receiver that answers with this JSON. */
export async function startReceiver(answer = '{"ok":true}'): Promise<Receiver> {
  const program = Program.start<ReceiverCommands>(new URL('./receiver-program.ts', import.meta.url))
  return new Receiver(program, await program.ask('listen', answer))
}
