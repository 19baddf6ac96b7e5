/**
 * A thread ended while a scrape was being made: its counts were folded into the sum that the scrape had still to read, beside the
 * thread's own, so that counters rose by all that it had ever counted and fell with the next scrape.
 */
import { expect, test } from 'vitest'
import { Blocks } from '../../src/metrics/blocks.ts'
import { cellsOf, createBlock } from '../../src/metrics/layout.ts'

test('a scrape under way counts a thread once that ends meanwhile', () => {
  const [early, late] = [createBlock(), createBlock()]
  cellsOf(early).fill(3)
  cellsOf(late).fill(5)
  const blocks = new Blocks([early, late])
  const underWay = [new Blocks(blocks.shared)]
  blocks.fold(early)
  underWay.push(new Blocks(blocks.shared))
  blocks.fold(late)
  for (const each of [...underWay, blocks]) expect(each.total(0)).toBe(8)
})
