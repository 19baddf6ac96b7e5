/**
 * How slow the machine was: limits of what may be under way are meant for one that is not busy, and grow with this. Told by the
 * engine's own starts, since whatever else runs on the machine slows them as it slows deliveries. Pure.
 */
import type { Life } from './ledger.ts'

/** The longest start to listening of an engine on a machine with two cores that does nothing else. */
const USUAL_START_MS = 1000

/** The longest start of these lives, of that; 1 at least. */
export function slownessOf(lives: readonly Life[]): number {
  const starts = lives.map(({ spawnedAtMs, listeningAtMs = spawnedAtMs }) => listeningAtMs - spawnedAtMs)
  return Math.max(USUAL_START_MS, ...starts) / USUAL_START_MS
}
