/**
 * That the store could not write was forgotten with the next event, even where that was refused because the backlog was full and nothing
 * had been written: the engine said that it was ready.
 */
import { expect, test } from 'vitest'
import type { AcceptedEvent } from '../../src/model/delivery.ts'
import type { AcceptVerdict } from '../../src/outbox/contract.ts'
import { MemoryOutbox } from '../../src/outbox/memory/memory.ts'
import { callEvent, startEngine } from './engine-world.ts'

class BreakingOutbox extends MemoryOutbox {
  error: Error | undefined
  verdict: AcceptVerdict | undefined

  override accept(events: readonly AcceptedEvent[]): Promise<readonly AcceptVerdict[]> {
    if (this.error !== undefined) return Promise.reject(this.error)
    const { verdict } = this
    return verdict === undefined ? super.accept(events) : Promise.resolve(events.map(() => verdict))
  }
}

const REFUSED = callEvent('call.end')
const FITS = callEvent('call.begin')

test.each([
  ['refused for want of room', REFUSED, undefined, 'rejected', 'the disk is broken'],
  ['refused by the store', FITS, 'full', 'rejected', 'the disk is broken'],
  ['a duplicate', FITS, 'duplicate', 'duplicate', 'the disk is broken'],
  ['written', FITS, undefined, 'accepted', 'open'],
] as const)('after an error of the store an event is %s', async (_, event, verdict, kind, detail) => {
  const outbox = new BreakingOutbox()
  const { engine } = startEngine(
    `store: { backlog: { perEndpoint: 1 } }
webhooks: [{ id: crm, profile: custom, on: [call.end], method: POST, url: 'http://127.0.0.1:9/', retry: { schedule: [1h] } }]
`,
    { outbox },
  )
  // Fills the only place.
  await engine.accept([REFUSED])
  outbox.error = new Error('the disk is broken')
  await expect(engine.accept([FITS])).rejects.toThrow('can not write')
  outbox.error = undefined
  outbox.verdict = verdict
  expect(await engine.accept([event])).toMatchObject([{ kind }])
  expect(engine.readiness().find(({ name }) => name === 'store')).toMatchObject({ detail })
})
