/**
 * The oldest of a map was looked for anew for each event beyond the bound, over all places of those forgotten before: after a
 * million events each further one took the main thread half a millisecond.
 */
import { hash } from 'node:crypto'
import { expect, test } from 'vitest'
import { SeenEvents } from '../../src/outbox/memory/memory-seen.ts'

const ADDED = 20_000

function digestOf(text: string): Buffer {
  return hash('sha256', text, 'buffer')
}

/** Milliseconds for some thousand events, of which `most` before them are remembered. */
function addsTakeMs(most: number): number {
  const seen = new SeenEvents(most)
  for (let index = 0; index < 2 * most; index += 1) seen.add(digestOf(`before-${index}`), index)
  const startedAt = performance.now()
  for (let index = 0; index < ADDED; index += 1) seen.add(digestOf(`measured-${index}`), index)
  return performance.now() - startedAt
}

test('an event beyond the bound takes about as long with 200,000 remembered as with 200', () => {
  addsTakeMs(200)
  expect(addsTakeMs(200_000)).toBeLessThan(30 * addsTakeMs(200))
})

test.each([1, 2, 1000, 1024])('of all events the latest %i stay, and no other', (most) => {
  const seen = new SeenEvents(most)
  for (let index = 0; index < 3 * most + 2000; index += 1) {
    seen.add(digestOf(String(index)), 0)
    expect(seen.has(digestOf(String(index)), 0)).toBe(true)
    if (index >= most - 1) expect(seen.has(digestOf(String(index - most + 1)), 0)).toBe(true)
    if (index >= most) expect(seen.has(digestOf(String(index - most)), 0)).toBe(false)
  }
})
