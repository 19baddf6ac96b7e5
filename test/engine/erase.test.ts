/** Erasing a caller's data: the call contexts beside what the outbox keeps, in requests of bounded time. */
import { describe, expect, test } from 'vitest'
import { CallContexts } from '../../src/engine/calls/call-context.ts'
import { type EraseAnswer, type EraseRequest, eraseCaller } from '../../src/engine/upkeep/erase.ts'
import { Remembered } from '../../src/engine/upkeep/remembered.ts'
import { MemoryOutbox } from '../../src/outbox/memory/memory.ts'
import { event, T0 } from '../contract/outbox-world.ts'

const OF_NUMBER: EraseRequest = { of: { kind: 'number', number: '+15551234567' }, isDryRun: false }

/** An outbox and contexts over its notes; the clock goes on by `stepMs` whenever it is read. */
function world(stepMs = 0) {
  const outbox = new MemoryOutbox()
  const remembered = new Remembered(outbox.notes)
  const contexts = new CallContexts({ kept: [], keep: (key, context) => remembered.keepContext(key, context) })
  let monotonicMs = 0
  const clock = {
    nowMs: () => T0,
    monotonicMs: () => {
      monotonicMs += stepMs
      return monotonicMs
    },
  }
  const remember = (account: string, subject: string, variables: Readonly<Record<string, string>> = {}): void =>
    contexts.record(account, subject, { kind: 'set-variables', variables }, T0)
  const kept = (): string[] => [...outbox.notes.all('contexts')].map(([key]) => key.replace('\n', ' ')).sort()
  return { outbox, contexts, clock, remember, kept }
}

describe('call contexts', () => {
  test('go with their call, in memory and in the notes', async () => {
    const { remember, kept, ...parts } = world()
    remember('default', 'call-1')
    remember('default', 'call-2')
    remember('acme', 'call-1')
    await eraseCaller(parts, { of: { kind: 'call', subject: 'call-1' }, accounts: ['default'], isDryRun: false })
    expect(kept()).toEqual(['acme call-1', 'default call-2'])
    expect(parts.contexts.read('default', 'call-1', T0)).toEqual({})
    await eraseCaller(parts, { of: { kind: 'call', subject: 'call-1' }, isDryRun: false })
    expect(kept()).toEqual(['default call-2'])
  })

  test('go with a number that they hold, that names their call, or that an event of their call has', async () => {
    const { remember, kept, ...parts } = world()
    remember('default', 'call-1', { callback: '(555) 123-4567' })
    remember('default', '+1-555-123-4567')
    remember('default', 'call-2')
    remember('default', 'call-3', { callback: '5559876543' })
    await parts.outbox.accept([event('e1', ['crm:1'], { subject: 'call-2', payload: '{"caller_id":"5551234567"}' })])
    await eraseCaller(parts, { ...OF_NUMBER, isDryRun: true })
    expect(kept()).toHaveLength(4)
    await eraseCaller(parts, OF_NUMBER)
    expect(kept()).toEqual(['default call-3'])
    expect(parts.contexts.size).toBe(1)
  })
})

describe('a request', () => {
  test('ends when its time is over, and the next goes on where it was', async () => {
    const { remember, kept, ...parts } = world(500)
    remember('default', 'call-9', { callback: '5551234567' })
    const payload = '{"caller_id":"5551234567"}'
    await parts.outbox.accept(
      Array.from({ length: 600 }, (_, index) => event(`e${index}`, [`crm:${index}`], { payload })),
    )
    const answers: EraseAnswer[] = []
    do {
      const cursor = answers.at(-1)?.next
      answers.push(await eraseCaller(parts, cursor === undefined ? OF_NUMBER : { ...OF_NUMBER, cursor }))
    } while (answers.at(-1)?.next !== undefined)
    expect(answers.map(({ events }) => events)).toEqual([256, 256, 88])
    expect(kept()).toEqual([])
  })
})
