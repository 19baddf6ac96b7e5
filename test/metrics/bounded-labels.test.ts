/** Label values with a limit: rows for good, one shared row past the limit, no text shown twice. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BoundedLabels, NAME_LIMIT, OTHER } from '../../src/metrics/bounded-labels.ts'

/** Labels with so many names taken. */
function labelsWith(count: number, limit: number): BoundedLabels {
  const labels = new BoundedLabels(limit)
  for (let index = 0; index < count; index += 1) labels.rowOf(`name-${index}`)
  return labels
}

describe('BoundedLabels', () => {
  test.each([
    { limit: 1, taken: 0, shown: 'new', row: 0 },
    { limit: 1, taken: 1, shown: OTHER, row: 1 },
    { limit: 1000, taken: 999, shown: 'new', row: 999 },
    { limit: 1000, taken: 1000, shown: OTHER, row: 1000 },
  ])('with $taken of $limit names taken a new one is shown as $shown', ({ limit, taken, shown, row }) => {
    const labels = labelsWith(taken, limit)
    expect(labels.rowOf('new')).toBe(row)
    expect(labels.shown('new')).toBe(shown)
    expect([...labels.rows()].length).toBe(Math.min(taken + 1, limit) + 1)
  })

  test('a name that has its row keeps it when all are taken', () => {
    const labels = labelsWith(1001, 1000)
    expect(labels.rowOf('name-0')).toBe(0)
    expect(labels.rowOf('name-999')).toBe(999)
    expect(labels.rowOf('name-1000')).toBe(labels.otherRow)
    expect(labels.size).toBe(1000)
  })

  test.each([
    { name: OTHER, isShared: true },
    { name: 'Other', isShared: false },
    { name: '', isShared: false },
    { name: '__proto__', isShared: false },
    { name: 'x'.repeat(NAME_LIMIT), isShared: false },
    { name: 'x'.repeat(NAME_LIMIT + 1), isShared: true },
    { name: '\u{1f4de}', isShared: false },
    { name: '\ud83d', isShared: true },
  ])('the name $name is shared: $isShared', ({ name, isShared }) => {
    const labels = new BoundedLabels(3)
    expect(labels.rowOf(name)).toBe(isShared ? labels.otherRow : 0)
    expect(labels.shown(name)).toBe(isShared ? OTHER : name)
  })

  test('no two rows show the same text, whatever the names are', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.constant(OTHER)), { maxLength: 30 }), (names) => {
        const labels = new BoundedLabels(10)
        for (const name of names) expect([name, OTHER]).toContain(labels.shown(name))
        const shown = [...labels.rows()].map((row) => Buffer.from(labels.nameOf(row)).toString())
        expect(new Set(shown).size).toBe(shown.length)
      }),
    )
  })
})
