/** Values of queries and commands: limits on both sides, and that all mistakes are told at once. */
import { expect, test } from 'vitest'
import {
  countField,
  fields,
  flagField,
  momentMs,
  readFields,
  textField,
  timeField,
  wordField,
} from '../../src/ingress/body/fields.ts'
import type { DataValue } from '../../src/model/data.ts'

const FIELDS = fields({
  name: textField(5).optional(),
  word: wordField(['a', 'b']).optional(),
  flag: flagField().optional(),
  count: countField(1, 1000).prefault(100),
  time: timeField().optional(),
})

const read = (given: readonly (readonly [string, DataValue])[]) => readFields(FIELDS, given)

test.each<readonly [name: string, value: DataValue, read: unknown]>([
  ['name', 'abcde', 'abcde'],
  ['word', 'b', 'b'],
  ['flag', true, true],
  ['flag', 'true', true],
  ['flag', 'false', false],
  ['count', 1, 1],
  ['count', '1000', 1000],
  ['time', '2026-11-21T08:00:00Z', { kind: 'instant', atMs: Date.UTC(2026, 10, 21, 8) }],
  ['time', '2h', { kind: 'ago', durationMs: 7_200_000 }],
])('%s %j is read as %j', (name, value, expected) => {
  expect(read([[name, value]])).toEqual({ kind: 'read', values: { count: 100, [name]: expected } })
})

test.each<readonly [name: string, value: DataValue, detail: string]>([
  ['name', 'abcdef', 'must be a text of up to 5 characters'],
  ['name', 5, 'must be a text of up to 5 characters'],
  ['word', 'c', 'must be one of a, b'],
  ['flag', 'yes', 'must be true or false'],
  ['count', 0, 'must be a whole number from 1 to 1000'],
  ['count', '1001', 'must be a whole number from 1 to 1000'],
  ['count', '1.5', 'must be a whole number from 1 to 1000'],
  ['count', [7], 'must be a whole number from 1 to 1000'],
  ['time', '2026-02-30T00:00:00Z', 'must be a time such as 2026-11-21T08:00:00Z, or how long ago it was: 30m, 2h, 7d'],
  ['time', '2 h', 'must be a time such as 2026-11-21T08:00:00Z, or how long ago it was: 30m, 2h, 7d'],
  ['nmae', 'x', 'is not known: did you mean name?'],
  ['zzzzzzz', 'x', 'is not known: one of name, word, flag, count, time is expected'],
])('%s %j is refused', (path, value, detail) => {
  expect(read([[path, value]])).toEqual({ kind: 'refused', errors: [{ path, detail }] })
})

test('empty values count as absent, and what is given twice is told', () => {
  expect(
    read([
      ['name', ''],
      ['word', null],
    ]),
  ).toEqual({ kind: 'read', values: { count: 100 } })
  expect(
    read([
      ['name', 'a'],
      ['name', 'b'],
      ['count', 0],
    ]),
  ).toEqual({
    kind: 'refused',
    errors: [
      { path: 'name', detail: 'is given twice' },
      { path: 'count', detail: 'must be a whole number from 1 to 1000' },
    ],
  })
})

test('a moment that lies before all is the beginning of all', () => {
  expect(momentMs({ kind: 'ago', durationMs: 1000 }, 1500)).toBe(500)
  expect(momentMs({ kind: 'ago', durationMs: 1000 }, 500)).toBe(0)
  expect(momentMs({ kind: 'instant', atMs: 7 }, 500)).toBe(7)
})
