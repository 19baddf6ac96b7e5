/**
 * The experiment `backlog` as CI runs it: what must hold on any machine. Times are told by the long run alone.
 */
import { expect, test } from 'vitest'
import { RUN_TIMEOUT_MS, runExperiment } from './run-experiment.ts'

/** Far more than the engine takes, far less than it would with every waiting delivery in memory. */
const MOST_GROWTH_BYTES = 300 * 2 ** 20

test(
  '20,000 deliveries wait for a dead endpoint and all arrive when it is back, at a rising rate, after kills and restarts',
  async () => {
    const size = ['--waiting', '20000', '--rate', '50', '--pairs', '1', '--seconds', '1', '--restarts', '1']
    const { status, output, errors, json } = await runExperiment('backlog', ...size)
    expect({ status, errors, broken: json?.broken }, output).toEqual({ status: 0, errors: '', broken: [] })
    const { counts, drained, memory, refused } = json.figures
    expect(counts).toMatchObject({ pending: 0, dead: 0 })
    expect(drained.perSecond.reduce((sum: number, each: number) => sum + each, 0)).toBe(20_000)
    expect(drained.perSecond.length).toBeGreaterThanOrEqual(10)
    // First tries until the circuit opened, and probes: it was dead for some seconds and three lives.
    expect(refused).toBeGreaterThan(6)
    expect(memory.growthBytes).toBeLessThan(MOST_GROWTH_BYTES)
    expect(output).toContain('lag with backlog')
  },
  RUN_TIMEOUT_MS,
)

test.each([
  ['--waiting', '99'],
  ['--waiting', '5000001'],
  ['--pairs', 'many'],
  ['--for', '1s'],
])('refuses %s %s with status 2 and says what would be right', async (...args) => {
  const { status, output, errors } = await runExperiment('backlog', ...args)
  expect({ status, output }).toEqual({ status: 2, output: '' })
  expect(errors).toContain('Usage: npm run experiment -- backlog')
})
