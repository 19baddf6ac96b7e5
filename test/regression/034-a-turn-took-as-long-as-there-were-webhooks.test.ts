/**
 * Whoever had the next turn was taken from the front of an array, which moved all others up: with 100,000 webhooks that had
 * something due, one batch of 64 deliveries held the main thread for some 20 ms.
 */
import { expect, test } from 'vitest'
import type { Linked } from '../../src/model/linked-list.ts'
import { Turns } from '../../src/outbox/queue/turns.ts'

interface Member extends Linked<Member> {
  readonly name: string
}

function member(name: string): Member {
  return { name, previous: undefined, next: undefined }
}

/** The shortest of several runs of a thousand turns among so many members. */
function turnsTakeMs(members: number): number {
  const turns = new Turns<Member>()
  for (let index = 0; index < members; index += 1) turns.add('default', member(`${index}`))
  const runs = Array.from({ length: 5 }, () => {
    const startedAt = performance.now()
    for (let turn = 0; turn < 1000; turn += 1) turns.add('default', turns.next() ?? member('none'))
    return performance.now() - startedAt
  })
  return Math.min(...runs)
}

test('a turn takes about as long among 300,000 webhooks as among 1,000', () => {
  turnsTakeMs(1000)
  expect(turnsTakeMs(300_000)).toBeLessThan(20 * turnsTakeMs(1000))
})

test('turns are taken one account after the other, and within each one member after the other', () => {
  const turns = new Turns<Member>()
  for (const name of ['a1', 'a2', 'b1', 'a3']) turns.add(name.slice(0, 1), member(name))
  expect([...turns].map(({ name }) => name).sort()).toEqual(['a1', 'a2', 'a3', 'b1'])
  expect(Array.from({ length: 5 }, () => turns.next()?.name)).toEqual(['a1', 'b1', 'a2', 'a3', undefined])
  turns.add('b', member('b2'))
  expect([turns.next()?.name, turns.next()?.name]).toEqual(['b2', undefined])
})
