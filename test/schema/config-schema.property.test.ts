/**
 * The JSON Schema and the reader of configurations agree: what the schema takes has no mistake but those that no shape can show,
 * and what it refuses has a mistake.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mistakesIn } from '../config/check.ts'
import { CONFIG_SCHEMA, isBeyondShape, isTaken } from './config-validator.ts'
import { changed, valuesOf } from './schema-values.ts'

const configuration = valuesOf(CONFIG_SCHEMA, CONFIG_SCHEMA).filter(isTaken)

test('what the schema takes is read, but for mistakes that no shape can show', () => {
  fc.assert(
    fc.property(configuration, (value) => {
      expect(mistakesIn(JSON.stringify(value)).filter((issue) => !isBeyondShape(issue))).toEqual([])
    }),
    { numRuns: 200 },
  )
})

test('what the schema refuses is not read', () => {
  fc.assert(
    fc.property(configuration.chain(changed), (value) => {
      fc.pre(!isTaken(value))
      expect(mistakesIn(JSON.stringify(value))).not.toEqual([])
    }),
    { numRuns: 200 },
  )
})
