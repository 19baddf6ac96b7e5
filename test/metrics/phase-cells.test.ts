/** Phases as numbers: each in its own place, which is that of its histogram. */
import { expect, test } from 'vitest'
import { PHASES } from '../../src/metrics/layout.ts'
import { readPhases, writePhases } from '../../src/metrics/phase-cells.ts'

const PLACES = PHASES.map(([, name], index) => [name, index] as const)

test.each(PLACES)('%s has place %i, and nothing else is written or read there', (name, index) => {
  const cells = new Float64Array(PHASES.length + 2)
  writePhases(cells, 1, { [name]: 7 })
  const written = PHASES.map((_, place) => (place === index ? 7 : Number.NaN))
  expect([...cells]).toEqual([0, ...written, 0])
  expect(readPhases(cells, 1)).toEqual({ [name]: 7 })
})
