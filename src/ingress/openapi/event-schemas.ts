/**
 * Schemas of events and of what is answered to them. Events are read by hand, since every one passes there; that the schema and
 * the reader take and refuse the same is shown by a test.
 */
import { z } from 'zod'
import type { SendAnswer } from '../../client/answers.ts'
import { REASONS } from '../../model/decision.ts'
import { ACCOUNT_LENGTH } from '../../model/event.ts'
import { KEY_LENGTH, TIME_PATTERN, TYPE_LENGTH } from '../events/event-attributes.ts'
import { DATA_POINTS } from './data-schemas.ts'

/** One of the reasons for which there is no usable answer. */
export const REASON: z.ZodType<(typeof REASONS)[number]> = z.enum(REASONS)

/** Texts without control characters (CloudEvents 1.0.2, "Type System"). */
function attributeText(length: number): z.ZodString {
  return z
    .string()
    .min(1)
    .max(length)
    .regex(/^\P{Cc}*$/u)
}

/** Attributes of an event, as they stand in it, in the query or in header fields. */
const ATTRIBUTES = {
  type: attributeText(TYPE_LENGTH),
  id: attributeText(KEY_LENGTH),
  source: attributeText(KEY_LENGTH),
  subject: attributeText(KEY_LENGTH),
  time: z.string().regex(TIME_PATTERN),
  account: attributeText(ACCOUNT_LENGTH),
}

const MEANINGS: Readonly<Record<string, string>> = {
  type: '`call.begin`, `call.end`, `transcription.completed`, or any other',
  id: 'With `source` and account it tells duplicates within 24 h; made up where it is missing',
  source: '`/` by default',
  subject: "The call's id; context is kept under it",
  time: 'RFC 3339',
  account: "Whose webhooks count; the token's only account by default, else `default`",
}

/** Attributes as parameters. */
export const ATTRIBUTE_PARAMETERS: z.ZodObject = z.strictObject(optionalAttributes((schema) => schema))

function optionalAttributes(make: (schema: z.ZodString) => z.ZodType): Record<string, z.ZodType> {
  return Object.fromEntries(
    Object.entries(ATTRIBUTES).map(([name, schema]) => [
      name,
      make(schema)
        .optional()
        .describe(MEANINGS[name] ?? ''),
    ]),
  )
}

/** What stands in an event beside its attributes of {@link ATTRIBUTES}. */
const ENVELOPE = {
  specversion: z.literal('1.0').nullable().optional(),
  data: DATA_POINTS.nullable().optional().describe('What is known of the call'),
  data_base64: z.base64().nullable().optional().describe('The same as Base64 of JSON, in place of `data`'),
  datacontenttype: z.unknown().optional().describe('Of `data_base64`; a JSON type, which is the default'),
  traceparent: z.unknown().optional().describe('W3C Trace Context; one that can not be read is dropped'),
}

const NULLABLE = optionalAttributes((schema) => schema.nullable())

/** Both forms of data can't stand together. */
const ONE_DATA = {
  not: { required: ['data', 'data_base64'], properties: { data: { type: 'object' }, data_base64: { type: 'string' } } },
}

/** A CloudEvent in JSON; members that nobody knows are extensions and of no concern. */
export const EVENT: z.ZodObject = z
  .looseObject({ ...NULLABLE, type: ATTRIBUTES.type.describe(MEANINGS['type'] ?? ''), ...ENVELOPE })
  .meta({ description: 'A call event: CloudEvents 1.0, JSON event format; `specversion` may be left out', ...ONE_DATA })

/** An event to invoke or render with: its type is `call.ivr` by default. */
export const CALL_EVENT: z.ZodObject = z
  .looseObject({ ...NULLABLE, ...ENVELOPE })
  .meta({ description: 'An event of a call that waits; `type` is `call.ivr` by default', ...ONE_DATA })

/** Events in one request. */
export const EVENT_BATCH: z.ZodType = z.array(EVENT)

const SEND_ANSWER_SHAPE = {
  accepted: z
    .array(z.object({ index: z.int(), id: z.string(), deliveries: z.int().describe('How many were made of it') }))
    .describe('Durable; `index` counts the events of the request from 0'),
  duplicates: z.array(z.object({ index: z.int(), id: z.string() })).describe('Accepted before, within 24 h'),
  rejected: z
    .array(
      z.object({
        index: z.int(),
        detail: z.string(),
        retryable: z.exactOptional(z.boolean()).describe('true: the same event can be accepted later'),
      }),
    )
    .describe('Nothing of these was kept'),
} satisfies z.ZodRawShape

/** What became of the events of a request. */
export const SEND_ANSWER: z.ZodType<SendAnswer> = z.object(SEND_ANSWER_SHAPE)

/** A problem of events tells what became of each, unless the request could not be read at all. */
export const EVENTS_PROBLEM_SHAPE: z.ZodRawShape = Object.fromEntries(
  Object.entries(SEND_ANSWER_SHAPE).map(([name, schema]) => [name, z.exactOptional(schema)]),
)
