/**
 * Node's JSON parser took a name that is written with an escape for another that it had read before, in whoever's event:
 * after an object with the name `\`, the name `"` became `\`.
 */
import { expect, test } from 'vitest'
import { parseJson } from '../../src/ingress/body/json-text.ts'
import { DEFAULT_LIMITS } from '../../src/ingress/limits.ts'

test('a name with an escape is itself, whatever was read before', () => {
  const names = ['a', '"', '\\', '\\"', 'a"', 'a\\', '\n', '\\n', '/', '\\/', '\u0001', 'é']
  for (let round = 0; round < 5000; round += 1) {
    const name = names[(round * 7 + (round >> 3)) % names.length] ?? ''
    const text = `{"k1":0,${JSON.stringify(name)}:${round}}`
    const read = parseJson(text, DEFAULT_LIMITS.json)
    expect(read.kind === 'value' && Object.entries(Object(read.value))).toEqual([
      ['k1', 0],
      [name, round],
    ])
  }
})
