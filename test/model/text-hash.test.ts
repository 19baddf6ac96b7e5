/** Texts that meet under one seed are spread under another, so that nobody who does not know the seed can choose such. */
import { expect, test } from 'vitest'
import { hashText } from '../../src/model/text-hash.ts'

const TEXTS = Array.from({ length: 200_000 }, (_, index) => `webhook-${index}`)

test.each([12, 16])('texts with the same last %i bits under one seed have different ones under another', (bits) => {
  const lastBits = (seed: number, text: string): number => hashText(seed, text) % 2 ** bits
  const wanted = lastBits(1, 'webhook-0')
  const meeting = TEXTS.filter((text) => lastBits(1, text) === wanted)
  expect(meeting.length).toBeGreaterThan(1)
  expect(new Set(meeting.map((text) => lastBits(2, text))).size).toBeGreaterThan(0.9 * meeting.length)
})

test('a hash is the same each time, and a whole number of 32 bits', () => {
  for (const text of ['', 'a', 'webhook-1', '\u{1F600}']) {
    const hash = hashText(0xffff_ffff, text)
    expect(hashText(0xffff_ffff, text)).toBe(hash)
    expect(hash).toBe(hash >>> 0)
  }
})
