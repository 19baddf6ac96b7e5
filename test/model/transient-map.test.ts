/** A map like the language's own, but for its order. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TransientMap } from '../../src/model/transient-map.ts'

const step = fc.record({ key: fc.nat(200), isDeleted: fc.boolean() })

test.each([
  ['texts', (key: number) => `018f3c5e7a2b0004c9d1e6f7a8-${key}`],
  ['numbers', (key: number) => key * 64],
])('holds what a map of %s would hold, whatever comes and goes', (_, keyOf: (key: number) => string | number) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 500 }), (steps) => {
      const model = new Map<string | number, number>()
      const map = new TransientMap<string | number, number>()
      for (const [index, { key, isDeleted }] of steps.entries()) {
        const named = keyOf(key)
        if (isDeleted) {
          expect(map.delete(named)).toBe(model.delete(named))
        } else {
          map.set(named, index)
          model.set(named, index)
        }
        expect(map.size).toBe(model.size)
        expect([map.get(named), map.has(named)]).toEqual([model.get(named), model.has(named)])
      }
      for (const [key, value] of model) expect(map.get(key)).toBe(value)
      expect([...map.values()].sort((a, b) => a - b)).toEqual([...model.values()].sort((a, b) => a - b))
    }),
  )
})

test('grows to any number and becomes small again', () => {
  const map = new TransientMap<number, string>()
  for (let key = 0; key < 100_000; key += 1) map.set(key, String(key))
  expect([map.size, map.get(0), map.get(99_999), map.get(100_000)]).toEqual([100_000, '0', '99999', undefined])
  for (let key = 0; key < 100_000; key += 1) if (key !== 777) map.delete(key)
  expect([map.size, ...map.values()]).toEqual([1, '777'])
})
