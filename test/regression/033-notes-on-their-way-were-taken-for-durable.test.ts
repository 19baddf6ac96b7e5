/**
 * A flush of notes that found nothing left to write resolved at once, although some were still on their way to the disk: an
 * erasure was answered as done before it was durable.
 */
import { expect, test } from 'vitest'
import { StoreNotes } from '../../src/outbox/embedded/notes.ts'
import type { StoreThread } from '../../src/outbox/embedded/store-thread.ts'

type Submission = Parameters<StoreThread['submit']>[0]

test('a flush resolves when all that was put before it is durable', async () => {
  const submitted: Submission[] = []
  const notes = new StoreNotes([], { submit: (submission) => submitted.push(submission) })
  const ended: string[] = []
  const flush = (name: string): Promise<unknown> => notes.flush().then(() => ended.push(name))
  notes.put('circuits', 'a', '1')
  const first = flush('first')
  const nothingNew = flush('nothing new')
  notes.put('circuits', 'b', '2')
  const second = flush('second')
  await Promise.resolve()
  expect([ended, submitted.length]).toEqual([[], 2])

  for (const { done } of submitted)
    done(
      () => 'done',
      () => [],
    )
  await Promise.all([first, nothingNew, second])
  await notes.flush()
  notes.stop()
})

test('a flush after one that failed writes what that could not', async () => {
  const submitted: Submission[] = []
  const notes = new StoreNotes([], { submit: (submission) => submitted.push(submission) })
  notes.put('circuits', 'a', '1')
  const first = notes.flush()
  submitted[0]?.failed({ name: 'SwitchhookError', message: 'disk full' } as Parameters<Submission['failed']>[0])
  await expect(first).rejects.toMatchObject({ message: 'disk full' })
  const second = notes.flush()
  submitted[1]?.done(
    () => 'done',
    () => [],
  )
  await second
  expect(submitted).toHaveLength(2)
  notes.stop()
})
