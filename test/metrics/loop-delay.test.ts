/** The delay of the main thread: about none while it is idle, as long as it was held where it was held. */
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { LoopDelay } from '../../src/metrics/loop-delay.ts'

/** Keeps the thread for so long. */
function hold(durationMs: number): void {
  const endMs = performance.now() + durationMs
  while (performance.now() < endMs);
}

test('a thread that is held is late by that long, less what was left until the next look', async () => {
  const delaysMs: number[] = []
  using _ = new LoopDelay((delayMs) => delaysMs.push(delayMs))
  await expect.poll(() => delaysMs.length).toBeGreaterThan(2)
  const before = delaysMs.length
  hold(300)
  await expect.poll(() => delaysMs.length).toBeGreaterThan(before)
  expect(delaysMs[before]).toBeGreaterThan(270)
  expect(Math.min(...delaysMs)).toBeGreaterThanOrEqual(0)
  expect(Math.min(...delaysMs)).toBeLessThan(100)
})

test('nothing is recorded after its end', async () => {
  let looks = 0
  const delay = new LoopDelay(() => {
    looks += 1
  })
  await expect.poll(() => looks).toBeGreaterThan(0)
  delay[Symbol.dispose]()
  const before = looks
  await pause(100)
  expect(looks).toBe(before)
})
