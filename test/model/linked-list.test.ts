/** A list whose members hold their places shows the same as an array, whatever is put in and taken out. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Linked, LinkedList } from '../../src/model/linked-list.ts'

interface Member extends Linked<Member> {
  readonly name: string
}

function member(name: string): Member {
  return { name, previous: undefined, next: undefined }
}

/** A list of as many members, and these. */
function listOf(count: number): { readonly list: LinkedList<Member>; readonly members: readonly Member[] } {
  const list = new LinkedList<Member>()
  const members = Array.from({ length: count }, (_, index) => member(String(index)))
  for (const each of members) list.push(each)
  return { list, members }
}

describe('a linked list', () => {
  test('shows the same as an array', () => {
    const changes = fc.array(fc.option(fc.nat({ max: 30 }), { nil: undefined }), { maxLength: 60 })
    fc.assert(
      fc.property(changes, (picks) => {
        const list = new LinkedList<Member>()
        const model: Member[] = []
        for (const [index, pick] of picks.entries()) {
          const [leaving] = pick === undefined ? [] : model.splice(pick, 1)
          const coming = leaving ?? member(String(index))
          if (leaving !== undefined) list.remove(leaving)
          // What left comes back behind all others, every other time.
          if (leaving === undefined || index % 2 === 0) {
            list.push(coming)
            model.push(coming)
          }
          expect([...list].map(({ name }) => name)).toEqual(model.map(({ name }) => name))
          expect(list.size).toBe(model.length)
          expect(list.first).toBe(model[0])
          expect(list.last).toBe(model.at(-1))
        }
      }),
    )
  })

  test('is walked on where it stood when what the walk gave is taken out', () => {
    const { list, members } = listOf(4)
    const met: Member[] = []
    for (const each of list) {
      met.push(each)
      list.remove(each)
    }
    expect(met).toEqual(members)
    expect(list.size).toBe(0)
  })

  test('leaves nothing in what was taken out that would hold others', () => {
    const { list, members } = listOf(3)
    for (const each of members) list.remove(each)
    for (const { previous, next } of members) expect([previous, next]).toEqual([undefined, undefined])
    expect([list.first, list.last]).toEqual([undefined, undefined])
  })
})
