/**
 * Rows of the document about events and live calls.
 */
import { z } from 'zod'
import { RENDER_FILTER } from '../webhooks/webhook-routes.ts'
import { DATA_POINTS, TEXT_MAP } from './data-schemas.ts'
import { FLAT_DECISION, INVOKE_RESULT, RENDERED } from './decision-schemas.ts'
import {
  ATTRIBUTE_PARAMETERS,
  CALL_EVENT,
  EVENT,
  EVENT_BATCH,
  EVENTS_PROBLEM_SHAPE,
  SEND_ANSWER,
} from './event-schemas.ts'
import { type Answer, type Content, type HeaderField, json, type Operation, type Target } from './operation.ts'

const FORM = 'application/x-www-form-urlencoded'

const END_EVENT = {
  specversion: '1.0',
  id: 'e-1001',
  source: '/switch-1',
  type: 'call.end',
  subject: 'call-7',
  time: '2026-11-21T08:00:00Z',
  data: { callid: 'call-7', ani: '5551234567', called_number: '8005550001' },
}

const LIVE_EVENT = { subject: 'call-7', data: { callid: 'call-7', responses: { '1': '4321' } } }

/** Attributes of an event in binary mode (CloudEvents 1.0.2, HTTP protocol binding, 3.1). */
const BINARY_FIELDS: readonly HeaderField[] = [
  binaryField('specversion', '1.0'),
  binaryField('id', 'e-1001'),
  binaryField('source', '/switch-1'),
  binaryField('type', 'call.end'),
  binaryField('subject', 'call-7'),
  binaryField('time', '2026-11-21T08:00:00Z'),
  binaryField('account', 'default'),
]

const TRACE: HeaderField = {
  name: 'traceparent',
  description: 'W3C Trace Context, sent on with every request to the customer',
  example: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
}

const WEBHOOK: Target = { name: 'id', description: 'Id of the webhook', example: 'crm' }

const ATTRIBUTE_EXAMPLES = { type: 'call.end', subject: 'call-7' }

/** Bodies of one event. */
function eventBodies(schema: z.ZodType, event: object, query: string): Readonly<Record<string, Content>> {
  const points = { callid: 'call-7', ani: '5551234567' }
  return {
    'application/cloudevents+json': { schema, examples: { event: { summary: 'A CloudEvent', value: event } } },
    'application/json': {
      schema: z.union([schema, DATA_POINTS]),
      examples: {
        event: { summary: 'A CloudEvent', value: event },
        points: { summary: 'Data points, attributes in the query', value: points, query },
      },
    },
    [FORM]: {
      schema: TEXT_MAP,
      examples: { points: { summary: 'Data points as a form, attributes in the query', value: points, query } },
    },
  }
}

const SENT = json('Every event is durable, or refused', SEND_ANSWER, {
  accepted: [{ index: 0, id: 'e-1001', deliveries: 1 }],
  duplicates: [],
  rejected: [],
})

const DECIDED: Answer = {
  description: "The decision, whatever the customer's server did",
  content: {
    'application/json': {
      schema: INVOKE_RESULT,
      example: {
        deliveryId: '019a3b7e5c1200000000000001',
        webhook: 'service-score',
        decision: {
          kind: 'next-action',
          app: 'findme',
          parameters: { phone_list: ['2223334444', '5556667777'], screen_method: 0, timeout: 30, nextaction: 1 },
        },
        attempt: { status: 200, durationMs: 12.3, bytes: 241 },
      },
    },
    [FORM]: {
      schema: FLAT_DECISION,
      example: { deliveryId: '019a3b7e5c1200000000000001', webhook: 'pin-check', 'decision.kind': 'continue' },
    },
  },
  fields: [
    { name: 'switchhook-decision', description: 'Kind of the decision', example: 'next-action' },
    { name: 'switchhook-app', description: 'Its app, of a next action', example: 'findme' },
    { name: 'switchhook-reason', description: 'Its reason, of a backup', example: 'response-timeout' },
    { name: 'preference-applied', description: 'The preference that was followed', example: 'wait=3' },
  ],
}

const INVOKE_FIELDS: readonly HeaderField[] = [
  { name: 'prefer', description: '`wait=3` shortens all of it to 3 s (RFC 7240)', example: 'wait=3' },
  TRACE,
]

/** All of them. */
export const EVENT_OPERATIONS: readonly Operation[] = [
  {
    method: 'POST',
    path: '/v1/events',
    right: 'send',
    answersHead: false,
    id: 'sendEvents',
    tag: 'Events',
    summary: 'Send events',
    description:
      'Accepts one event or many, durably, and sends each to every webhook that it triggers. One: a CloudEvent in structured ' +
      'or binary mode (`ce-…` fields), or data points with the attributes in the query. Many: a JSON array or NDJSON, up to ' +
      '8 MiB and 100,000 events. The same account, `source` and `id` within 24 h is a duplicate. Members and parameters that ' +
      'are null or empty count as absent. Bodies may be compressed (`content-encoding: gzip`, `deflate`, `br`).',
    query: ATTRIBUTE_PARAMETERS,
    queryExamples: ATTRIBUTE_EXAMPLES,
    fields: [...BINARY_FIELDS, TRACE],
    body: {
      isRequired: false,
      content: {
        ...eventBodies(z.union([EVENT, EVENT_BATCH]), END_EVENT, 'type=call.end&subject=call-7'),
        'application/cloudevents+json': {
          schema: EVENT,
          examples: { event: { summary: 'One event', value: END_EVENT } },
        },
        'application/cloudevents-batch+json': {
          schema: EVENT_BATCH,
          examples: {
            batch: { summary: 'Two events', value: [END_EVENT, { ...END_EVENT, id: 'e-1002', type: 'call.begin' }] },
          },
        },
        'application/x-ndjson': {
          schema: z.string().describe('One event a line'),
          examples: { lines: { summary: 'Two events', value: '{"type":"call.begin"}\n{"type":"call.end"}\n' } },
        },
      },
    },
    answers: { 202: SENT },
    problems: ['malformed-body', 'events-rejected', 'invalid-request', 'overloaded'],
    problemMembers: { of: ['events-rejected', 'forbidden', 'overloaded', 'unavailable'], shape: EVENTS_PROBLEM_SHAPE },
  },
  {
    method: 'POST',
    path: '/v1/webhooks/{id}/invoke',
    right: 'invoke',
    answersHead: false,
    id: 'invoke',
    tag: 'Live calls',
    summary: 'Ask a webhook what a call does next',
    description:
      'Renders the webhook, sends it once, and makes a decision of the answer; a server that fails gives a decision `backup`. ' +
      'At most 5 s to connect and 5 s for the answer. A client that closes its connection ends the invoke. With `accept: ' +
      'application/x-www-form-urlencoded` the decision comes flattened.',
    target: WEBHOOK,
    query: ATTRIBUTE_PARAMETERS,
    queryExamples: { subject: 'call-7' },
    fields: [...BINARY_FIELDS, ...INVOKE_FIELDS],
    body: { isRequired: false, content: eventBodies(CALL_EVENT, LIVE_EVENT, 'subject=call-7') },
    answers: { 200: DECIDED },
    problems: ['malformed-body', 'not-found', 'invalid-request', 'invalid-event'],
  },
  {
    method: 'GET',
    path: '/v1/webhooks/{id}/invoke',
    right: 'invoke',
    answersHead: false,
    id: 'invokeByQuery',
    tag: 'Live calls',
    summary: 'Ask a webhook, with everything in the query',
    description:
      'The same for switches whose scripts can only fetch a URL: parameters that are no attributes of an event are its data ' +
      'points; dotted names nest (`responses.1=4321`).',
    target: WEBHOOK,
    query: ATTRIBUTE_PARAMETERS,
    queryExamples: { subject: 'call-7' },
    takesDataPoints: true,
    fields: INVOKE_FIELDS,
    answers: { 200: DECIDED },
    problems: ['malformed-body', 'not-found', 'invalid-event'],
  },
  {
    method: 'POST',
    path: '/v1/webhooks/{id}/render',
    right: 'read',
    answersHead: false,
    id: 'render',
    tag: 'Webhooks',
    summary: 'Show the request that would be sent',
    description:
      "For the event in the body, as invoke takes it, or for a delivery's (`?delivery=`). Nothing is sent; secret values are " +
      'shown as `[secret]`.',
    target: WEBHOOK,
    query: z.strictObject({ ...ATTRIBUTE_PARAMETERS.shape, ...RENDER_FILTER.shape }),
    queryExamples: { subject: 'call-7' },
    fields: [...BINARY_FIELDS, TRACE],
    body: { isRequired: false, content: eventBodies(CALL_EVENT, LIVE_EVENT, 'subject=call-7') },
    answers: {
      200: json('The request', RENDERED, {
        method: 'POST',
        url: 'https://crm.example.com/leads',
        headers: { 'content-type': 'application/json' },
        body: '{"call":"call-7"}',
      }),
    },
    problems: ['malformed-body', 'not-found', 'invalid-request', 'invalid-event', 'unrenderable'],
  },
]

function binaryField(name: string, example: string): HeaderField {
  return { name: `ce-${name}`, description: `Attribute \`${name}\` of an event in binary mode`, example }
}
