/** Ids in order against a sorted list: pages of all and of accounts, whatever was added and removed. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runAtOnce } from '../../src/engine/slices.ts'
import { SortedIds } from '../../src/manage/sorted-ids.ts'

const id = fc.string({ minLength: 1, maxLength: 3 })
const account = fc.constantFrom('', 'acme', 'beta', 'gamma')

test('pages are those of a sorted list', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(id, account), { maxLength: 40 }),
      fc.array(fc.tuple(fc.boolean(), id, account), { maxLength: 40 }),
      fc.option(id, { nil: undefined }),
      fc.oneof(fc.constant('all' as const), fc.array(account, { maxLength: 3 })),
      fc.integer({ min: 1, max: 10 }),
      (initial, changes, after, accounts, limit) => {
        const model = new Map(initial)
        const ids = runAtOnce(SortedIds.of(model))
        for (const [isAdded, changed, owner] of changes) {
          const known = model.get(changed)
          if (known !== undefined) ids.remove(changed, known)
          model.delete(changed)
          if (!isAdded) continue
          ids.add(changed, owner)
          model.set(changed, owner)
        }
        const wanted = [...model]
          .filter(
            ([each, owner]) =>
              (accounts === 'all' || accounts.includes(owner)) && (after === undefined || each > after),
          )
          .map(([each]) => each)
          .sort((left, right) => (left < right ? -1 : 1))
        expect(ids.page({ accounts, limit, ...(after !== undefined && { after }) })).toEqual(wanted.slice(0, limit))
      },
    ),
  )
})

test('a long list is put in order in steps', () => {
  const all = Array.from({ length: 5000 }, (_, index) => `id-${(index * 7919) % 5000}`)
  let pauses = 0
  const steps = SortedIds.of(all.map((each) => [each, 'acme'] as const))
  let step = steps.next()
  for (; step.done !== true; step = steps.next()) pauses += 1
  expect(step.value.all).toEqual([...all].sort())
  expect(pauses).toBeGreaterThan(all.length)
})
