/**
 * Schemas of deliveries, and of what commands on them answer.
 */
import { z } from 'zod'
import type { Attempt, Delivery, DeliveryPage } from '../../client/answers.ts'
import type { CallEntry } from '../../client/call-answers.ts'
import type { Phases } from '../../model/attempt.ts'
import { REASONS } from '../../model/decision.ts'
import { HOLD_REASONS } from '../../model/delivery.ts'
import { durationMs, time } from './data-schemas.ts'
import { SHOWN_REQUEST } from './decision-schemas.ts'
import { REASON } from './event-schemas.ts'

const PHASE = z.exactOptional(durationMs())

/** Where an attempt's time went. */
export const PHASES: z.ZodType<Phases> = z
  .object({
    queueMs: PHASE,
    renderMs: PHASE,
    waitingMs: PHASE,
    dnsMs: PHASE,
    connectMs: PHASE,
    tlsMs: PHASE,
    firstByteMs: PHASE,
    bodyMs: PHASE,
    interpretMs: PHASE,
  })
  .meta({ description: 'Milliseconds of each phase; one that did not happen is absent' })

/** One attempt. */
export const ATTEMPT: z.ZodType<Attempt> = z.object({
  time: time(),
  attempt: z.int().describe('From 1'),
  durationMs: durationMs(),
  result: z.enum(['success', 'failure', 'invalid', 'unsettled']),
  status: z.int().describe('HTTP status; 0 where none came'),
  reason: z.exactOptional(REASON).describe('Absent on success'),
  error: z.exactOptional(z.string()),
  answer: z.string().describe('First KiB of the answer'),
  phases: PHASES,
})

const DELIVERY_SHAPE = {
  id: z.string().describe('Sent as `webhook-id` with every attempt'),
  webhook: z.string(),
  account: z.string(),
  event: z.object({ id: z.string(), source: z.string(), type: z.string(), subject: z.string() }),
  state: z.enum(['pending', 'delivered', 'dead']),
  acceptedAt: time(),
  dueAt: z.exactOptional(time()).describe('When the next attempt is due; absent unless pending'),
  endedAt: z.exactOptional(time()).describe('Absent while pending'),
  reason: z.exactOptional(z.enum([...REASONS, 'webhook-removed', 'expired'])).describe('Why it is dead'),
  held: z
    .exactOptional(z.object({ reason: z.enum(HOLD_REASONS), until: z.exactOptional(time()) }))
    .describe('What keeps it from going out now'),
  attempts: z.array(ATTEMPT).describe('The latest 20, the oldest first'),
} satisfies z.ZodRawShape

/** A delivery with its attempts. */
export const DELIVERY: z.ZodType<Delivery> = z.object(DELIVERY_SHAPE)

/** A delivery in the story of its call. */
export const DELIVERY_ENTRY: z.ZodType<Extract<CallEntry, { readonly kind: 'delivery' }>> = z
  .object({ kind: z.literal('delivery'), time: time(), ...DELIVERY_SHAPE, request: z.exactOptional(SHOWN_REQUEST) })
  .meta({ title: 'Delivery' })

/** A delivery in the stream of what happens. */
export const DELIVERY_HAPPENED: z.ZodObject = z.object({ time: time(), ...DELIVERY_SHAPE })

/** A page of deliveries. */
export const DELIVERY_PAGE: z.ZodType<DeliveryPage> = z.object({
  deliveries: z.array(DELIVERY).describe('The newest first'),
  next: z.string().nullable().describe('`cursor` of the page after it; null on the last'),
})

/** A delivery that is sent again. */
export const RETRIED: z.ZodObject = z.object({ id: z.string(), state: z.literal('pending') })

/** How many are sent again. */
export const REPLAYED: z.ZodObject = z.object({ replayed: z.int() })

/** How many were removed. */
export const PURGED: z.ZodObject = z.object({ purged: z.int() })

/** How much was erased so far. */
export const ERASED: z.ZodObject = z.object({
  events: z.int(),
  deliveries: z.int(),
  pending: z.int().describe('How many of the deliveries were pending'),
  dryRun: z.boolean(),
  next: z.string().nullable().describe('Send the same again with it as `cursor` until it is null'),
})

/** How a webhook is now. */
export const ACTIVATION: z.ZodObject = z.object({ id: z.string(), active: z.boolean() })
