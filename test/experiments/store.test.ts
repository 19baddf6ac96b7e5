/** The experiment `store` as CI runs it: what was accepted is read back, and room is used again; speed is not judged here. */
import { expect, test } from 'vitest'
import { RUN_TIMEOUT_MS, runExperiment } from './run-experiment.ts'

test(
  'the outbox keeps beside lmdb what was accepted, and uses the room of what it forgot again',
  async () => {
    const { status, output, errors, json } = await runExperiment(
      'store',
      '--events',
      '640',
      '--turns',
      '1',
      '--history',
      '1000',
    )
    expect({ status, errors, broken: json?.broken }, output).toEqual({ status: 0, errors: '', broken: [] })
    const { measured, costs, reuses } = json.figures
    expect(measured).toHaveLength(2)
    for (const [, rates] of measured)
      expect([...rates.outbox, ...rates.bare, ...rates.delivered].every((rate) => rate > 0)).toBe(true)
    // The payload is stored once: two deliveries more cost less than another event.
    expect(costs[1].pending - costs[0].pending).toBeLessThan(costs[0].pending)
    expect(costs[0].pending).toBeGreaterThan(600)
    expect(reuses).toHaveLength(2)
  },
  RUN_TIMEOUT_MS,
)
