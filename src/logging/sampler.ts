/**
 * Keeps one kind of line from flooding the log: the first of each kind in a window are written, the rest are counted and told
 * of at its end. Invariant: what is left out is counted exactly once, and memory does not grow with the kinds there are. Pure:
 * times come in as numbers. Used by the log.
 */

/** What is written of a kind. */
export interface SamplerLimits {
  /** Lines of a kind that are written in a window, from 1; default 10. */
  readonly linesPerWindow: number
  /** Length of a window in milliseconds; it begins with the first line of its kind. Default 10,000. */
  readonly windowMs: number
  /** Kinds that are told apart, from 1; those beyond share one. Default 1,000. */
  readonly kinds: number
}

/** How many lines of a kind were left out. */
export interface LeftOut<Kind> {
  readonly kind: Kind
  readonly count: number
}

interface Window<Kind> {
  readonly kind: Kind
  readonly endMs: number
  written: number
  leftOut: number
}

/** Enough to see what it is about; a second of a flood is then a line, whatever its rate. */
export const SAMPLER_LIMITS: SamplerLimits = { linesPerWindow: 10, windowMs: 10_000, kinds: 1000 }

/** See the head of this file. `Kind` describes a kind, and is given back with what was left out of it. */
export class Sampler<Kind> {
  readonly #limits: SamplerLimits
  /** Shared by all kinds for which there is no room. */
  readonly #others: Kind
  readonly #windows = new Map<string, Window<Kind>>()

  constructor(others: Kind, limits: SamplerLimits = SAMPLER_LIMITS) {
    this.#others = others
    this.#limits = limits
  }

  /** Whether a line of the kind known by `key` is to be written at `nowMs`; where not, it is counted. `kindOf` describes it. */
  take(key: string, kindOf: () => Kind, nowMs: number): boolean {
    const { linesPerWindow } = this.#limits
    const window = this.#windowOf(key, kindOf, nowMs)
    if (window.written < linesPerWindow) {
      window.written += 1
      return true
    }
    window.leftOut += 1
    return false
  }

  /** Forgets windows that have ended by `nowMs`, and tells what was left out in them; with `Infinity` in all of them. */
  ended(nowMs: number): readonly LeftOut<Kind>[] {
    const told: LeftOut<Kind>[] = []
    for (const [key, { kind, endMs, leftOut }] of this.#windows) {
      // Windows are all of one length, so that those behind end later.
      if (endMs > nowMs) break
      this.#windows.delete(key)
      if (leftOut > 0) told.push({ kind, count: leftOut })
    }
    return told
  }

  /** When the next window ends; undefined: there is none. */
  nextEndMs(): number | undefined {
    for (const { endMs } of this.#windows.values()) return endMs
    return undefined
  }

  /** A window that has ended goes on until {@link ended} has told of it. */
  #windowOf(key: string, kindOf: () => Kind, nowMs: number): Window<Kind> {
    const known = this.#windows.get(key)
    if (known !== undefined) return known
    // Room for the shared one is kept beside them.
    const hasRoom = this.#windows.size < this.#limits.kinds
    const shared = hasRoom ? undefined : this.#windows.get(OTHERS)
    if (shared !== undefined) return shared
    const window = {
      kind: hasRoom ? kindOf() : this.#others,
      endMs: nowMs + this.#limits.windowMs,
      written: 0,
      leftOut: 0,
    }
    this.#windows.set(hasRoom ? key : OTHERS, window)
    return window
  }
}

/** No key of a kind: those begin with a level. */
const OTHERS = ''
