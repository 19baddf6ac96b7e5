/**
 * Events are read by hand; their schemas are in the document all the same. Both take and refuse the same, but for what no schema
 * can say of a text: that a day is in the calendar, that Base64 holds JSON.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { utf8Decoder } from '../../src/ingress/body/charset.ts'
import type { EventRules } from '../../src/ingress/events/event-attributes.ts'
import { readStructured } from '../../src/ingress/events/structured-event.ts'
import { DEFAULT_LIMITS } from '../../src/ingress/limits.ts'
import { changed, lookUp, valuesOf } from '../schema/schema-values.ts'
import { DOCUMENT, isTaken } from './api-document.ts'

const EVENT = lookUp('#/components/schemas/Event', DOCUMENT)
const CALL_EVENT = lookUp('#/components/schemas/CallEvent', DOCUMENT)

const RULES: EventRules = { accountFor: (given) => given ?? 'default', defaultType: undefined, traceparent: undefined }
const READING = { bounds: DEFAULT_LIMITS.json, decode: utf8Decoder(() => undefined) }

const BEYOND_SHAPE = /RFC 3339|half surrogates|in data_base64|data_base64 (must hold|is read only)|this is not an event/

/** Limits and kinds, on both sides. */
const CASES: readonly (readonly [members: object, isRead: boolean])[] = [
  [{ type: 'a'.repeat(255) }, true],
  [{ type: 'a'.repeat(256) }, false],
  [{ type: 'x', id: 'a'.repeat(1024) }, true],
  [{ type: 'x', id: 'a'.repeat(1025) }, false],
  [{ type: 'x', id: '' }, false],
  [{ type: 'x', id: null }, true],
  [{ type: 'x\u0000' }, false],
  [{ type: 'x', account: 'a'.repeat(200) }, true],
  [{ type: 'x', account: 'a'.repeat(201) }, false],
  [{ type: 'x', account: 'Café Zürich' }, true],
  [{ type: 'x', account: 'a\nb' }, false],
  [{ type: 'x', specversion: '1.0' }, true],
  [{ type: 'x', specversion: '0.3' }, false],
  [{ type: 'x', data: [] }, false],
  [{ type: 'x', data: {}, data_base64: 'e30=' }, false],
  [{ type: 'x', data: null, data_base64: 'e30=' }, true],
  [{ type: 'x', data_base64: 'e30' }, false],
  [{ type: 'x', time: '2026-11-21T08:00:00Z' }, true],
  [{ type: 'x', time: '2026-11-21' }, false],
  [{ type: 'x', extension: 1 }, true],
]

describe.each([
  ['an event', EVENT, RULES],
  ['an event to invoke with', CALL_EVENT, { ...RULES, defaultType: 'call.ivr' }],
] as const)('%s', (_what, schema, rules) => {
  const event = valuesOf(schema, DOCUMENT)

  test('is read where the schema takes it, and not where it refuses it', () => {
    fc.assert(
      fc.property(fc.oneof(event, event.chain(changed)), (value) => {
        const read = readStructured(JSON.stringify(value), rules, READING)
        fc.pre(read.kind === 'event' || !BEYOND_SHAPE.test(read.detail))
        expect(isTaken(schema, value), JSON.stringify(read)).toBe(read.kind === 'event')
      }),
      { numRuns: 2000 },
    )
  })

  test.each(CASES.map(([members, isRead]) => [JSON.stringify(members).slice(0, 60), members, isRead] as const))(
    'of %s is the same to both',
    (_name, members, isRead) => {
      expect(readStructured(JSON.stringify(members), rules, READING).kind === 'event').toBe(isRead)
      expect(isTaken(schema, members)).toBe(isRead)
    },
  )
})
