/**
 * Data points cross to threads and to the store as JSON text, and were read back by Node's parser, which takes a name that is
 * written with an escape for another that it has read before: a customer was sent a data point under another's name, and
 * two of them could become one, of which an erasure by number then saw nothing.
 */
import { expect, test } from 'vitest'
import { parseOwnJson } from '../../src/model/own-json.ts'
import { compileNumberMatch, holdsNumber } from '../../src/policy/telephone-number.ts'

const NAMES = ['a', '"', '\\', '\\"', 'a"', 'a\\', '\n', '\\n', '\u0001', '__proto__']

test('what was written is what is read, whatever was read before', () => {
  for (let round = 0; round < 5000; round += 1) {
    const name = NAMES[(round * 7 + (round >> 3)) % NAMES.length] ?? ''
    const points = Object.fromEntries([
      ['k1', 0],
      [name, round],
    ])
    expect(Object.entries(Object(parseOwnJson(JSON.stringify(points))))).toEqual(Object.entries(points))
  }
})

test('numbers stay numbers, however long they are written', () => {
  const points = { '"': [1e20, 1e300, -1e21, 2 ** 53, 0.1, 5e-324], text: 'a\\b' }
  expect(parseOwnJson(JSON.stringify(points))).toEqual(points)
})

test('a number under any name is found for erasure', () => {
  const isNumber = compileNumberMatch('5551234567') ?? (() => false)
  for (let round = 0; round < 2000; round += 1) {
    const json = JSON.stringify({ k1: 0, '\\': '5551234567', '"': 'x' })
    expect(holdsNumber(json, isNumber)).toBe(true)
  }
})
