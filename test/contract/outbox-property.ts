/**
 * The outbox contract as a property: whatever is done to an outbox, it shows the same as `outbox-model.ts`. Every back end
 * passes it; one that outlives the process also passes crashes and restarts. A failure shows its seed and, shrunk, the calls
 * that led to it. OUTBOX_PROPERTY_RUNS sets the number of sequences, OUTBOX_PROPERTY_SEED repeats a seed.
 */
import fc from 'fast-check'
import { describe, test } from 'vitest'
import type { Outbox } from '../../src/outbox/contract.ts'
import { type Action, actionsOf } from './outbox-actions.ts'
import { OutboxRun, type Reopen } from './outbox-run.ts'

/** Sequences where OUTBOX_PROPERTY_RUNS says nothing; a few seconds in memory. */
const DEFAULT_RUNS = 500

/** OUTBOX_PROPERTY_SEED tries others. */
const DEFAULT_SEED = 20_261_121

/** Longest time for all sequences, shrinking included: a failure is told with what it was shrunk to by then. */
const LIMIT = { interruptAfterTimeLimit: 300_000, markInterruptAsFailure: true } as const

/** Longest time of the test, the sequence that is running then included. */
const TIMEOUT_MS = 400_000

/**
 * Drives the outboxes that `open` makes, each new and empty, through random sequences beside the model; with `reopen`,
 * through crashes and restarts too. `defaultRuns` is for back ends whose calls wait for a disk.
 */
export function describeOutboxProperty(
  name: string,
  open: () => Promise<Outbox>,
  reopen?: Reopen,
  defaultRuns: number = DEFAULT_RUNS,
): void {
  describe(`the ${name} outbox beside the model`, () => {
    test(
      'shows the same, whatever is done to it',
      async () => {
        const property = fc.asyncProperty(actionsOf(reopen !== undefined), async (actions) => {
          await runThrough(new OutboxRun(await open(), reopen), actions)
        })
        await fc.assert(property, { numRuns: numberOf('OUTBOX_PROPERTY_RUNS') ?? defaultRuns, ...LIMIT, ...seed() })
      },
      TIMEOUT_MS,
    )
  })
}

/** Throws what went wrong together with the calls before it. */
async function runThrough(run: OutboxRun, actions: readonly Action[]): Promise<void> {
  try {
    for (const action of actions) await run.do(action)
    await run.finish()
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error)
    throw new Error(`${what}\nafter these calls:\n${run.log.map((line) => `  ${line}`).join('\n')}`, { cause: error })
  } finally {
    await run.close()
  }
}

/** The same sequences in every run unless asked otherwise: what fails in one place fails in all. */
function seed(): { readonly seed: number } {
  return { seed: numberOf('OUTBOX_PROPERTY_SEED') ?? DEFAULT_SEED }
}

function numberOf(variable: string): number | undefined {
  const text = process.env[variable]
  if (text === undefined || text === '') return undefined
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new Error(`${variable} must be a whole number, not ${text}`)
  return value
}
