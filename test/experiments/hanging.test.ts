/**
 * The experiment `hanging` as CI runs it: what must hold on any machine. Rates and times are told by the long run alone.
 */
import { expect, test } from 'vitest'
import { RUN_TIMEOUT_MS, runExperiment } from './run-experiment.ts'

test(
  'endpoints that hang and an account with 20,000 waiting events cost nobody an event',
  async () => {
    const size = ['--endpoints', '100', '--pairs', '2', '--seconds', '3', '--waiting', '20000', '--rate', '50']
    const { status, output, errors, json } = await runExperiment('hanging', ...size)
    expect({ status, errors, broken: json?.broken }, output).toEqual({ status: 0, errors: '', broken: [] })
    const { endpoints, accounts } = json.figures
    expect(endpoints).toMatchObject({ endpoints: 100, hanging: 10 })
    expect(endpoints.tested.slices).toHaveLength(2)
    // The others were served while those hung.
    for (const { perSecond } of endpoints.tested.slices) expect(perSecond).toBeGreaterThan(0)
    expect(accounts.drained.perSecond.reduce((sum: number, each: number) => sum + each, 0)).toBe(20_000)
    expect(accounts.whileDraining.sentMs.events).toBeGreaterThan(0)
  },
  RUN_TIMEOUT_MS,
)
