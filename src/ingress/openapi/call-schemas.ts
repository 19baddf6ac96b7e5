/**
 * Schemas of calls as they are told: stories, calls of late, the stream of what happens, and the fields of templates.
 */
import { z } from 'zod'
import type { CallEntry, CallPage, CallTry, CatalogPlatform, TemplateField } from '../../client/call-answers.ts'
import { DATA_POINTS, durationMs, JSON_VALUE, time } from './data-schemas.ts'
import { ATTEMPT_SUMMARY, DECISION, INVOKE_RESULT, SHOWN_REQUEST } from './decision-schemas.ts'
import { DELIVERY_ENTRY, DELIVERY_HAPPENED, PHASES } from './delivery-schemas.ts'
import { REASON } from './event-schemas.ts'

/** One request of an invoke. */
export const CALL_TRY: z.ZodType<CallTry> = z.object({
  time: time(),
  fallback: z.exactOptional(z.literal(true)),
  status: z.exactOptional(z.int()).describe('Absent where no answer has come'),
  durationMs: z.exactOptional(durationMs()),
  bytes: z.exactOptional(z.int()),
  reason: z.exactOptional(REASON),
  error: z.exactOptional(z.string()),
  phases: z.exactOptional(PHASES),
  answer: z.exactOptional(z.string()).describe('First KiB of the answer'),
  request: z.exactOptional(SHOWN_REQUEST),
})

const EVENT_IDENTITY = { id: z.string(), source: z.string(), type: z.string() }

/** One thing in a call's story. */
export const CALL_ENTRY: z.ZodType<CallEntry> = z.union([
  z
    .object({ kind: z.literal('event'), time: time(), ...EVENT_IDENTITY, data: JSON_VALUE, context: JSON_VALUE })
    .meta({ title: 'Event' }),
  DELIVERY_ENTRY,
  z
    .object({
      kind: z.literal('decision'),
      time: time(),
      deliveryId: z.string(),
      webhook: z.string(),
      event: z.object(EVENT_IDENTITY),
      data: z.exactOptional(DATA_POINTS),
      context: z.exactOptional(DATA_POINTS),
      decision: DECISION,
      durationMs: durationMs(),
      attempt: z.exactOptional(ATTEMPT_SUMMARY),
      requests: z.array(CALL_TRY),
    })
    .meta({ title: 'Decision' }),
])

/** A page of a call's story. */
export const CALL_PAGE: z.ZodType<CallPage> = z.object({
  subject: z.string(),
  account: z.string(),
  context: DATA_POINTS.describe('What answers have set, as it is now'),
  entries: z.array(CALL_ENTRY).describe('The oldest first'),
  next: z.string().nullable().describe('`cursor` of what came before; null where nothing did'),
})

/** Calls of late. */
export const RECENT_CALLS: z.ZodObject = z.object({
  calls: z.array(
    z.object({
      subject: z.string(),
      account: z.string(),
      time: time(),
      latest: z.union([
        z.object({
          kind: z.literal('delivery'),
          type: z.string(),
          webhook: z.string(),
          state: z.enum(['pending', 'delivered', 'dead']),
        }),
        z.object({ kind: z.literal('decision'), type: z.string(), webhook: z.string(), decision: z.string() }),
      ]),
    }),
  ),
})

const HAPPENED = { time: time(), account: z.string() }

/** What `data` of each event of the stream holds, by the event's name. */
export const HAPPENINGS: Readonly<Record<string, z.ZodObject>> = {
  event: z.object({ ...HAPPENED, ...EVENT_IDENTITY, subject: z.string(), deliveries: z.int() }),
  decision: z.object({
    ...HAPPENED,
    event: z.object({ ...EVENT_IDENTITY, subject: z.string() }),
    ...INVOKE_RESULT.shape,
    durationMs: durationMs(),
  }),
  delivery: DELIVERY_HAPPENED,
  dropped: z.object({ count: z.int().describe('How many could not be told before what comes next') }),
}

/** All data points by platform. */
export const CATALOG: z.ZodType<{ readonly platforms: readonly CatalogPlatform[] }> = z.object({
  platforms: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      categories: z.array(
        z.object({
          name: z.string(),
          dataPoints: z.array(
            z.object({ name: z.string(), description: z.string(), example: z.exactOptional(JSON_VALUE) }),
          ),
        }),
      ),
    }),
  ),
})

/** Fields of a template's format. */
export const TEMPLATE_FIELDS: z.ZodType<{ readonly fields: readonly TemplateField[] }> = z.object({
  fields: z.array(
    z.object({
      path: z.string(),
      token: z.string().nullable().describe('Data point that is its whole value already'),
    }),
  ),
})
