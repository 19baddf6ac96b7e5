/**
 * The place of each mistake of a format was counted from its beginning: 64 KiB of tokens that are not known held the main
 * thread for half a second, and twice as many four times as long.
 */
import { expect, test } from 'vitest'
import { issuesOf } from '../../src/compile/places.ts'

/** A text of so many lines, each with a mistake at its third character. */
function linesWithMistakes(count: number) {
  const faults = Array.from({ length: count }, (_, line) => ({ offset: line * 10 + 2, message: 'wrong' }))
  return { text: '123456789\n'.repeat(count), faults: faults.reverse() }
}

/** The shortest of several runs over so many mistakes. */
function placesTakeMs(count: number): number {
  const { text, faults } = linesWithMistakes(count)
  const runs = Array.from({ length: 5 }, () => {
    const startedAt = performance.now()
    issuesOf('body', text, faults)
    return performance.now() - startedAt
  })
  return Math.min(...runs)
}

test('sixteen times as many mistakes take about sixteen times as long, not 256 times', () => {
  placesTakeMs(1000)
  expect(placesTakeMs(16_000)).toBeLessThan(80 * placesTakeMs(1000))
})

test('each mistake keeps its own line and column, in the order in which they stand', () => {
  const { text, faults } = linesWithMistakes(3)
  expect(issuesOf('body', text, faults)).toEqual(
    [1, 2, 3].map((line) => ({ part: 'body', line, column: 3, message: 'wrong' })),
  )
})
