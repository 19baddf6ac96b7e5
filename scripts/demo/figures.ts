/**
 * The line of live figures: on a terminal it is drawn anew twice a second under the story, elsewhere it is a line of its own
 * every few seconds. Rates are those between two looks at `GET /v1/stats`.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Carrier } from './carrier.ts'
import { type EngineStats, readStats } from './engine-figures.ts'
import type { Screen } from './screen.ts'
import { durationText } from './story.ts'

const LIVE_INTERVAL_MS = 500
const PLAIN_INTERVAL_MS = 2000

/** Shows figures until `stopping`. */
export async function showFigures(screen: Screen, carrier: Carrier, stopping: AbortSignal): Promise<void> {
  const intervalMs = screen.isLive ? LIVE_INTERVAL_MS : PLAIN_INTERVAL_MS
  let before = await readStats(carrier)
  while (!stopping.aborted) {
    await pause(intervalMs, undefined, { signal: stopping }).catch(() => undefined)
    if (stopping.aborted) break
    const now = await readStats(carrier)
    const text = figuresText(before, now)
    if (screen.isLive) screen.status(` ${text} `)
    else screen.line(`        ${text}`)
    before = now
  }
  screen.status('')
}

/** The line. */
function figuresText(before: EngineStats, now: EngineStats): string {
  const seconds = (now.atMs - before.atMs) / 1000
  const eventsPerSecond = seconds > 0 ? (now.events - before.events) / seconds : 0
  const latency = (latencyMs: number | undefined): string => (latencyMs === undefined ? '-' : durationText(latencyMs))
  return [
    `events ${eventsPerSecond.toFixed(0)}/s`,
    `invoke p50 ${latency(now.invokeP50Ms)} p99 ${latency(now.invokeP99Ms)}`,
    `retries ${now.retries}`,
    `waiting ${now.pending}`,
    ...(now.openCircuits > 0 ? ['circuit open'] : []),
  ].join(' · ')
}
