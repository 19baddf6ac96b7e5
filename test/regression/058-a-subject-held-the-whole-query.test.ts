/**
 * Attributes that stand in a query were parts of its text, and as long as one of them is kept - the subject with a call's decisions for
 * an hour, ids in the memory store - so was all of the query, up to 16 KiB beside what the bounds count.
 */
import { expect, test } from 'vitest'
import type { EventRules } from '../../src/ingress/events/event-attributes.ts'
import { readCarriage, readQueryEvent, readSingle } from '../../src/ingress/events/event-reader.ts'
import { DEFAULT_LIMITS } from '../../src/ingress/limits.ts'
import { collectGarbage } from '../setup/collect-garbage.ts'

const MIB = 1_048_576
const EVENTS = 2000
const RULES: EventRules = { accountFor: () => 'default', defaultType: 'call', traceparent: undefined }

function heapBytes(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

/** As a socket brings it: a text of its own. */
const textOf = (text: string): string => Buffer.from(text).toString('latin1')
const identity = (number: number): string =>
  `subject=a-subject-of-a-call-${number}&id=an-id-of-an-event-${number}&source=/a/source/of/some/length`

test.each<[name: string, read: (number: number) => ReturnType<typeof readSingle>]>([
  [
    'an invoke by GET',
    (number) =>
      readQueryEvent(textOf(`${identity(number)}&note=${'x'.repeat(15_000)}`), RULES, DEFAULT_LIMITS, () => undefined),
  ],
  [
    'an event with attributes in the query',
    (number) => {
      const headers = { 'content-type': 'application/json' }
      const query = textOf(`${identity(number)}${'&'.repeat(1500)}&type=${'t'.repeat(200)}&&`)
      const carriage = readCarriage({ headers, query: query + '&'.repeat(400) }, DEFAULT_LIMITS, () => undefined)
      if (carriage.kind === 'problem') throw new Error(carriage.detail)
      return readSingle(Buffer.from('{}'), carriage, RULES, DEFAULT_LIMITS)
    },
  ],
])('what is kept of %s is no more than its attributes', (_name, read) => {
  const kept: object[] = []
  const before = heapBytes()
  for (let number = 0; number < EVENTS; number += 1) {
    const result = read(number)
    if (result.kind === 'refused') throw new Error(result.detail)
    const { id, source, subject } = result.event
    kept.push({ id, source, subject })
  }
  const bytesOfEvent = (heapBytes() - before) / EVENTS
  expect(kept[7]).toMatchObject({ id: 'an-id-of-an-event-7', subject: 'a-subject-of-a-call-7' })
  expect(bytesOfEvent).toBeLessThan(MIB / 1024)
})
