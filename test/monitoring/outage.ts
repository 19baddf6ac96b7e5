/**
 * An outage played for real: rules of the same tables with short windows, a real Prometheus that evaluates them twice a second,
 * and what fired meanwhile. Everything begins and ends without an alert.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished } from 'vitest'
import { alertRules, recordingRules } from '../../scripts/monitoring/rule-files.ts'
import type { Duration, Timing } from '../../scripts/monitoring/timing.ts'
import { Prometheus } from './prometheus.ts'

/** Hours as seconds, in their order; a rate needs some scrapes, and a busy machine misses one now and then. */
const SECONDS = {
  '1m': 4,
  '2m': 4,
  '5m': 4,
  '10m': 6,
  '15m': 5,
  '30m': 6,
  '1h': 8,
  '6h': 9,
  '3d': 10,
} as const satisfies Record<Duration, number>

const SHORT_TIME: Timing = { of: (duration) => `${SECONDS[duration]}s`, horizonSeconds: 30 }

/** The machine of the test may be that busy without any outage. */
const OF_THE_MACHINE = ['SwitchhookLoopBlocked warning']

/** What is watched while an outage is played. */
export class Outage {
  readonly #prometheus: Prometheus
  readonly #seen = new Set<string>()

  private constructor(prometheus: Prometheus) {
    this.#prometheus = prometheus
  }

  /** Watches the engine at `target`; resolves when nothing fires. */
  static async watch(target: string): Promise<Outage> {
    const rules = { 'recording.yml': recordingRules(SHORT_TIME), 'alerts.yml': alertRules(SHORT_TIME) }
    const prometheus = await Prometheus.start({ target, interval: '500ms', rules })
    // For some seconds, until it knows its targets, it misses the engine.
    await prometheus.until(async () => (await prometheus.firing()).length === 0)
    return new Outage(prometheus)
  }

  /** Waits until each of these has fired, `name severity`, and asks `meanwhile` for more trouble again and again. */
  async untilFired(alerts: readonly string[], meanwhile: () => Promise<void> = async () => undefined): Promise<void> {
    while (!alerts.every((alert) => this.#seen.has(alert))) {
      await this.#firing()
      await meanwhile()
      await pause(50)
    }
  }

  /** Waits until nothing fires any more; then exactly these have fired. */
  async untilOver(alerts: readonly string[], meanwhile: () => Promise<void> = async () => undefined): Promise<void> {
    while ((await this.#firing()).length > 0) {
      await meanwhile()
      await pause(50)
    }
    expect([...this.#seen].sort()).toEqual([...alerts].sort())
  }

  async #firing(): Promise<readonly string[]> {
    const firing = (await this.#prometheus.firing()).filter((alert) => !OF_THE_MACHINE.includes(alert))
    for (const alert of firing) this.#seen.add(alert)
    return firing
  }
}

/** Does something every so many milliseconds until the test is over, or it is told to stop. */
export function everyMs(intervalMs: number, work: () => Promise<unknown>): { readonly stop: () => Promise<void> } {
  let isOver = false
  const running = (async () => {
    while (!isOver) {
      await work()
      await pause(intervalMs)
    }
  })()
  running.catch(() => undefined)
  const stop = async (): Promise<void> => {
    isOver = true
    await running
  }
  onTestFinished(stop)
  return { stop }
}
