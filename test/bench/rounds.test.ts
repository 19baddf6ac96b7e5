/**
 * Rounds of slices: a warm-up that does not count, each contender once a round, in changing order.
 */
import { expect, test } from 'vitest'
import { inRounds, orderOfRound, slicesOf } from '../../bench/measuring/rounds.ts'

test('each contender is measured once a round, and the first round does not count', async () => {
  const seen: string[] = []
  const contender = (name: string) => ({
    name,
    slice: (round: number) => {
      seen.push(`${name}${round}`)
      return Promise.resolve(round)
    },
  })
  const measured = await inRounds([contender('a'), contender('b')], 2)
  expect([...measured]).toEqual([
    ['a', [1, 2]],
    ['b', [1, 2]],
  ])
  expect(seen).toEqual(['a0', 'b0', 'a1', 'b1', 'a2', 'b2'])
  expect(() => slicesOf(measured, 'c')).toThrow("'c' was not measured")
})

test.each([
  { round: 0, order: ['a', 'b', 'c'] },
  { round: 1, order: ['a', 'c', 'b'] },
  { round: 2, order: ['c', 'a', 'b'] },
  { round: 3, order: ['c', 'b', 'a'] },
])('round $round has the order $order', ({ round, order }) => {
  expect(orderOfRound(['a', 'b', 'c'], round)).toEqual(order)
})

test('there may be nobody', () => {
  expect(orderOfRound([], 3)).toEqual([])
})
