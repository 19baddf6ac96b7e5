/**
 * A webhook was deactivated before that was durable. Where it could not be written the API said so, but the webhook stayed
 * deactivated, and events passed it by.
 */
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Engine } from '../../src/engine/engine.ts'
import { MemoryOutbox } from '../../src/outbox/memory/memory.ts'
import { MemoryNotes } from '../../src/outbox/memory/memory-notes.ts'
import { Receiver } from '../worker/receiver.ts'
import { callEvent, startEngine } from './engine-world.ts'

/** An outbox whose notes are durable when the test says so. */
class SlowNotesOutbox extends MemoryOutbox {
  flushing: () => Promise<void> = async () => undefined
  override readonly notes: MemoryNotes = Object.assign(new MemoryNotes(), { flush: () => this.flushing() })
}

function start(outbox: MemoryOutbox, origin = 'http://127.0.0.1:9'): Engine {
  const crm = `{ id: crm, profile: custom, on: [call.end], method: POST, url: '${origin}/' }`
  return startEngine(`webhooks: [${crm}]\n`, { outbox }).engine
}

/** Whether the webhook is active now, and would be after a restart. */
function activity(engine: Engine, outbox: MemoryOutbox): readonly boolean[] {
  return [engine.isActive('crm'), start(outbox).isActive('crm')]
}

const fail = (): Promise<void> => Promise.reject(new Error('the disk is full'))

describe('a command to a webhook', () => {
  test('is in force when it is durable, not before', async () => {
    const outbox = new SlowNotesOutbox()
    const engine = start(outbox)
    const disk = Promise.withResolvers<void>()
    const reached = Promise.withResolvers<void>()
    outbox.flushing = () => {
      reached.resolve()
      return disk.promise
    }
    const done = engine.setActive('crm', false)
    await reached.promise
    expect(engine.isActive('crm')).toBe(true)
    disk.resolve()
    expect(await done).toBe(true)
    expect(activity(engine, outbox)).toEqual([false, false])
  })

  test.each([true, false])(
    'that could not be written leaves a webhook with the state %s as it was',
    async (isActive) => {
      const outbox = new SlowNotesOutbox()
      const engine = start(outbox)
      if (!isActive) await engine.setActive('crm', false)
      outbox.flushing = fail
      await expect(engine.setActive('crm', !isActive)).rejects.toThrow('the disk is full')
      outbox.flushing = async () => undefined
      expect(activity(engine, outbox)).toEqual([isActive, isActive])
    },
  )

  test.each([
    ['both are written', [false, false], true],
    ['the first is written later than the second could be', ['late', false], true],
    ['only the first is written', [false, true], false],
    ['only the second is written', [true, false], true],
    ['none is written', [true, true], true],
  ] as const)('ends as the last one says that was written, where of two at once %s', async (_, flushes, isActive) => {
    const outbox = new SlowNotesOutbox()
    const engine = start(outbox)
    const late = Promise.withResolvers<void>()
    const answers = flushes.values()
    outbox.flushing = () => {
      const answer = answers.next().value
      if (answer === 'late') return late.promise
      return answer === true ? fail() : Promise.resolve()
    }
    const both = Promise.allSettled([engine.setActive('crm', false), engine.setActive('crm', true)])
    setImmediate(late.resolve)
    expect((await both).map(({ status }) => status === 'rejected')).toEqual(flushes.map((flush) => flush === true))
    expect(activity(engine, outbox)).toEqual([isActive, isActive])
  })

  test('does not undo a 410 that came while it was written', async () => {
    const server = await Receiver.start()
    onTestFinished(() => server[Symbol.asyncDispose]())
    server.answer = (_, response) => response.writeHead(410).end()
    const outbox = new SlowNotesOutbox()
    const engine = start(outbox, server.origin)
    const disk = Promise.withResolvers<void>()
    outbox.flushing = () => disk.promise
    const done = engine.setActive('crm', true)
    await engine.accept([callEvent('call.end')])
    await expect.poll(() => engine.isActive('crm')).toBe(false)
    disk.resolve()
    await done
    outbox.flushing = async () => undefined
    expect(activity(engine, outbox)).toEqual([false, false])
  })
})
