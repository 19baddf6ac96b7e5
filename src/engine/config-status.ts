/**
 * How the configuration stands: when the one that runs was loaded, and what became of the last attempt to load another.
 * Shown by `/v1/stats` and in metrics. Main thread only.
 */
import type { Metrics } from '../metrics/metrics.ts'

/** What became of a reload. */
export type ReloadResult = 'success' | 'refused'

/** The last reload. */
interface LastReload {
  readonly at: string
  readonly result: ReloadResult
  /** `refused`: every mistake; `success`: what takes effect at the next start only. */
  readonly issues: readonly string[]
}

/** An entry of the configuration that can't be used as the rest of it is, and was left out. */
export interface LeftOut {
  readonly kind: string
  readonly id: string
  /** Empty: of no account. */
  readonly account: string
  /** What keeps it from being used. */
  readonly issues: readonly string[]
}

/** See the head of this file. */
export class ConfigStatus {
  readonly #metrics: Metrics
  #loadedAtMs: number
  #lastReload: LastReload | undefined
  /** What is left out now. */
  leftOut: readonly LeftOut[] = []

  constructor(metrics: Metrics, nowMs: number) {
    this.#metrics = metrics
    this.#loadedAtMs = nowMs
    metrics.configLoaded(nowMs)
  }

  /** A configuration was loaded, or was not and the one before goes on. */
  reloaded(result: ReloadResult, issues: readonly string[], nowMs: number): void {
    this.#lastReload = { at: new Date(nowMs).toISOString(), result, issues }
    this.#metrics.configReload(result)
    if (result === 'refused') return
    this.#loadedAtMs = nowMs
    this.#metrics.configLoaded(nowMs)
  }

  /** For `/v1/stats`. */
  stats(): { readonly loadedAt: string; readonly lastReload?: LastReload; readonly leftOut: readonly LeftOut[] } {
    const status = { loadedAt: new Date(this.#loadedAtMs).toISOString(), leftOut: this.leftOut }
    return this.#lastReload === undefined ? status : { ...status, lastReload: this.#lastReload }
  }
}
