/**
 * The oldest of a map was looked for anew for each event beyond the bound, over all places of those forgotten before: after a
 * million events each further one took the main thread half a millisecond.
 */
import { expect, test } from 'vitest'
import { SeenEvents } from '../../src/outbox/memory/memory-seen.ts'

const ADDED = 20_000

/** Milliseconds for some thousand events, of which `most` before them are remembered. */
function addsTakeMs(most: number): number {
  const seen = new SeenEvents(most)
  for (let index = 0; index < 2 * most; index += 1) seen.add(`before-${index}`, index)
  const startedAt = performance.now()
  for (let index = 0; index < ADDED; index += 1) seen.add(`measured-${index}`, index)
  return performance.now() - startedAt
}

test('an event beyond the bound takes about as long with 200,000 remembered as with 200', () => {
  addsTakeMs(200)
  expect(addsTakeMs(200_000)).toBeLessThan(30 * addsTakeMs(200))
})

test('the latest stay, within a 256th of the bound', () => {
  const seen = new SeenEvents(1024)
  for (let index = 0; index < 5000; index += 1) {
    seen.add(String(index), 0)
    expect(seen.has(String(index), 0)).toBe(true)
    if (index >= 1019) expect(seen.has(String(index - 1019), 0)).toBe(true)
    if (index >= 1024) expect(seen.has(String(index - 1024), 0)).toBe(false)
  }
})
