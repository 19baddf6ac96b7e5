/**
 * Has request bodies decompressed on a thread of its own, a few at a time. Of those that wait the one goes next of which the least
 * may come out, so that events wait for no bombs: there can be thousands. What comes out of a bomb never touches the main thread's
 * memory: with 8 MiB for each, four or five of them made V8 collect all of it. A body that the thread had when it died is lost. One
 * for the whole ingress, which ends it.
 * Called by the body reader once all of a body has arrived, so that a slow sender never holds a decompressor.
 */
import { AnsweringThread } from '../../thread.ts'
import { withOwnMemory } from './body-memory.ts'
import type { Compression, Inflated, InflateRequest } from './inflate.ts'

/** Compiled packages have `.js` files, the checkout `.ts`; TypeScript does not rewrite this one by itself. */
const ENTRY_FILE = new URL(
  import.meta.url.endsWith('.ts') ? './inflate-entry.ts' : './inflate-entry.js',
  import.meta.url,
)

/** A body that waits for its turn. */
interface Turn {
  readonly mostBytes: number
  readonly begin: () => void
}

/** See the head of this file. */
export class Inflater implements AsyncDisposable {
  readonly #most: number
  /** The next one first. */
  readonly #turns: Turn[] = []
  #busy = 0
  readonly #thread: AnsweringThread<InflateRequest, Inflated>

  /** `most`: bodies at a time. `onDeath` is told why a thread ended that nobody ended. */
  constructor(most: number, onDeath: (detail: string) => void) {
    this.#most = most
    this.#thread = new AnsweringThread(ENTRY_FILE, 'switchhook-inflate', onDeath)
  }

  /**
   * Carries out `work`, which decompresses one body of which up to `mostBytes` may come out, in its turn: only then does it need
   * room for them.
   */
  async inTurn<Result>(mostBytes: number, work: () => Promise<Result>): Promise<Result> {
    if (this.#busy < this.#most) this.#busy += 1
    else await new Promise<void>((begin) => this.#wait({ mostBytes, begin }))
    try {
      return await work()
    } finally {
      const next = this.#turns.shift()
      if (next === undefined) this.#busy -= 1
      else next.begin()
    }
  }

  /** Behind those that take as little; most are the largest, so it is looked from the end. */
  #wait(turn: Turn): void {
    const before = this.#turns.findLastIndex(({ mostBytes }) => mostBytes <= turn.mostBytes)
    this.#turns.splice(before + 1, 0, turn)
  }

  /** Decompresses `bytes`, which are the caller's no longer, to at most `limitBytes`. Never rejects. */
  async inflate(bytes: Uint8Array, coding: Compression, limitBytes: number): Promise<Inflated> {
    const handed = withOwnMemory(bytes)
    return (await this.#thread.ask({ bytes: handed, coding, limitBytes }, [handed.buffer])) ?? { kind: 'lost' }
  }

  /** Ends the thread. Safe to call twice. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#thread[Symbol.asyncDispose]()
  }
}
