/**
 * When a life of the engine is ended: under load, right after it began to listen, or while it is still starting and
 * finding again what the one before left. Drawn from the seed before anything runs, so that a run can be repeated.
 */
import type { SeededRandom } from './seeded-random.ts'

/** When to kill. */
export type KillMoment =
  /** So long after it listened. */
  | { readonly phase: 'load' | 'listening'; readonly afterMs: number }
  /** After this share of the time from its process's begin to listening, as the latest lives took it. */
  | { readonly phase: 'start-up'; readonly share: number }

/** Where in its life an engine was killed; `none`: it was not. */
export type LifePhase = KillMoment['phase'] | 'none'

/** Longest life under load of most: enough for circuits to open and close again. */
const LONGEST_LOAD_MS = 1500

/** One of so many lives under load is longer: commands that take a while come to their end in it. */
const LONG_LIFE_RATIO = 0.1
const LONG_LIFE_MS = 6000

/** What "right after it listened" means. */
const LISTENING_MS = 20

/** The moments of a whole run. The first life is always one under load: there must be something to find again. */
export function killMoments(kills: number, random: SeededRandom): readonly KillMoment[] {
  return Array.from({ length: kills }, (_, index) => (index === 0 ? underLoad(random) : anyMoment(random)))
}

function anyMoment(random: SeededRandom): KillMoment {
  const phase = random.next()
  if (phase < 0.55) return underLoad(random)
  if (phase < 0.7) return { phase: 'listening', afterMs: random.between(0, LISTENING_MS) }
  // Loading the program takes most of a start; half of these kills go where the store is opened and read.
  const least = random.chance(0.5) ? 0.7 : 0
  return { phase: 'start-up', share: least + random.next() * (1.05 - least) }
}

function underLoad(random: SeededRandom): KillMoment {
  const isLong = random.chance(LONG_LIFE_RATIO)
  return {
    phase: 'load',
    afterMs: isLong ? random.between(LONGEST_LOAD_MS, LONG_LIFE_MS) : random.between(0, LONGEST_LOAD_MS),
  }
}
