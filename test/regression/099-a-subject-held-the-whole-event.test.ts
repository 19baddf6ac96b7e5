/**
 * An event with a number of more digits than a double holds is read by the exact parser, which gave parts of the event's text: as
 * long as its subject was kept - with a call's context or decisions for an hour - so was all of the event, beside what is counted.
 */
import { expect, test } from 'vitest'
import { utf8Decoder } from '../../src/ingress/body/charset.ts'
import type { EventRules } from '../../src/ingress/events/event-attributes.ts'
import { readStructured } from '../../src/ingress/events/structured-event.ts'
import { DEFAULT_LIMITS } from '../../src/ingress/limits.ts'
import { collectGarbage } from '../setup/collect-garbage.ts'

const KIB = 1024
const EVENTS = 1000
const RULES: EventRules = { accountFor: () => 'default', defaultType: 'call', traceparent: undefined }
const decode = utf8Decoder(() => undefined)

function heapBytes(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

test('what is kept of an event with a long number is no more than its attributes', () => {
  const kept: object[] = []
  const before = heapBytes()
  for (let number = 0; number < EVENTS; number += 1) {
    // Of 13 characters: V8 copies parts of up to 12.
    const subject = `call-${number}`.padEnd(13, '.')
    const identity = `"type":"call.end.of.some.kind","subject":"${subject}","id":"an-id-of-an-event-${number}"`
    const data = `{"callid":1234567890123456789,"note":"${'x'.repeat(16 * KIB)}"}`
    const text = decode(Buffer.from(`{${identity},"data":${data}}`))
    const result = readStructured(text, RULES, { bounds: DEFAULT_LIMITS.json, decode })
    if (result.kind === 'refused') throw new Error(result.detail)
    const { event } = result
    kept.push({ id: event.id, type: event.type, subject: event.subject })
  }
  expect((heapBytes() - before) / EVENTS).toBeLessThan(2 * KIB)
  expect(kept[7]).toMatchObject({ id: 'an-id-of-an-event-7', subject: 'call-7.......' })
})
