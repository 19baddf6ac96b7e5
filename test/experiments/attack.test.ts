/**
 * The experiment `attack` as CI runs it: what must hold on any machine. Rates and times are told by the long run alone.
 */
import { expect, test } from 'vitest'
import { RUN_TIMEOUT_MS, runExperiment } from './run-experiment.ts'

test(
  'no live call and no event is lost while clients and servers attack, and every call of a hostile server gets its decision',
  async () => {
    const { status, output, errors, json } = await runExperiment(
      'attack',
      ...['--for', '6s', '--calls', '50', '--events', '50'],
    )
    expect({ status, errors, broken: json?.broken }, output).toEqual({ status: 0, errors: '', broken: [] })
    expect(json.figures).toMatchObject({ lostCalls: 0, lostEvents: 0, tally: { unanswered: 0 } })
    // There was an attack, and a load that could have suffered from it.
    expect(json.figures.tally.calls).toBeGreaterThan(30)
    expect(json.figures.tally.requests).toBeGreaterThan(30)
    expect(json.figures.calls).toBeGreaterThanOrEqual(700)
  },
  RUN_TIMEOUT_MS,
)

test.each([
  ['--for', '0s'],
  ['--for', 'ever'],
  ['--calls', '0'],
])('refuses %s %s with status 2 and says what would be right', async (...args) => {
  const { status, output, errors } = await runExperiment('attack', ...args)
  expect({ status, output }).toEqual({ status: 2, output: '' })
  expect(errors).toContain('Usage: npm run experiment -- attack')
})
