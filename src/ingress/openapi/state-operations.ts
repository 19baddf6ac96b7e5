/**
 * Rows of the document about calls, templates' fields, and how the service stands.
 */
import { z } from 'zod'
import { STORY_FILTER } from '../calls/calls-route.ts'
import { RECENT_FILTER } from '../calls/recent-calls-route.ts'
import { STREAM_FILTER } from '../calls/stream-route.ts'
import { LOG_ORDER } from '../state/log-route.ts'
import { FORMAT } from '../webhooks/extract-route.ts'
import { CALL_PAGE, CATALOG, RECENT_CALLS, TEMPLATE_FIELDS } from './call-schemas.ts'
import { command, json, type Operation } from './operation.ts'
import { ALIVE, CHECKS, LOG_CHANGED, LOG_STATE, READY, STATS } from './state-schemas.ts'

const STORY = {
  subject: 'call-7',
  account: 'default',
  context: {},
  entries: [
    {
      kind: 'event',
      time: '2026-11-21T08:00:00.012Z',
      id: 'e-1001',
      source: '/switch-1',
      type: 'call.end',
      data: { ani: '5551234567' },
      context: {},
    },
  ],
  next: null,
}

const NO_FIGURES = {
  atMs: 81_245.3,
  accounts: ['acme'],
  config: { leftOut: [] },
  outbox: { pending: 0 },
  webhooks: 2,
  deactivated: [],
  circuits: [],
  held: { deliveries: {}, webhooks: [] },
}

/** A family with an exemplar, and the end that this format wants. */
const OPEN_METRICS = `# HELP switchhook_invoke_duration_seconds Time from an invoke to its decision.
# TYPE switchhook_invoke_duration_seconds histogram
switchhook_invoke_duration_seconds_bucket{webhook="ask",le="+Inf"} 1 # {trace_id="0af7651916cd43dd8448eb211c80319c"} 0.0123 1795248000
switchhook_invoke_duration_seconds_sum{webhook="ask"} 0.0123
switchhook_invoke_duration_seconds_count{webhook="ask"} 1
# EOF
`

/** All of them. */
export const STATE_OPERATIONS: readonly Operation[] = [
  {
    method: 'GET',
    path: '/v1/calls',
    right: 'read',
    answersHead: true,
    id: 'listCalls',
    tag: 'Calls',
    summary: 'List calls of late',
    description: 'Calls of which something happened last, each with the latest thing of it; the newest first.',
    query: RECENT_FILTER,
    queryExamples: { limit: 10 },
    answers: {
      200: json('Calls', RECENT_CALLS, {
        calls: [
          {
            subject: 'call-7',
            account: 'default',
            time: '2026-11-21T08:00:00.012Z',
            latest: { kind: 'delivery', type: 'call.end', webhook: 'crm', state: 'delivered' },
          },
        ],
      }),
    },
    problems: ['not-found', 'invalid-request'],
  },
  {
    method: 'GET',
    path: '/v1/calls/{subject}',
    right: 'read',
    answersHead: true,
    id: 'getCall',
    tag: 'Calls',
    summary: 'Tell the story of a call',
    description:
      'Its events with their data, its deliveries with their attempts, and what was decided, each with the request that was ' +
      'sent and what came back. The latest page first; `next` is the `cursor` of what came before.',
    target: { name: 'subject', description: "The call's id", example: 'call-7' },
    query: STORY_FILTER,
    queryExamples: { limit: 10 },
    answers: { 200: json('A page of its story', CALL_PAGE, STORY) },
    problems: ['not-found', 'invalid-request'],
  },
  {
    method: 'GET',
    path: '/v1/stream',
    right: 'read',
    answersHead: false,
    id: 'watch',
    tag: 'Calls',
    summary: 'Watch what happens',
    description:
      'Server-sent events, without an end: `event`, `decision`, `delivery`, and `dropped` where a reader was too slow for some ' +
      'of it; `data` of each is JSON, see `EventHappened`, `DecisionHappened`, `DeliveryHappened` and `Dropped`. A comment ' +
      'comes every 15 s.',
    query: STREAM_FILTER,
    queryExamples: { webhook: 'crm' },
    answers: {
      200: {
        description: 'The stream',
        content: { 'text/event-stream': { schema: z.string(), example: ': watching\n\n' } },
      },
    },
    problems: ['not-found', 'invalid-request'],
  },
  {
    method: 'POST',
    path: '/v1/templates/extract',
    right: 'read',
    answersHead: false,
    id: 'extractFields',
    tag: 'Templates',
    summary: 'List the fields of a format',
    description: 'Each field with its path, and the data point that stands there already. Nothing is kept.',
    body: command(FORMAT, true, {
      format: { summary: 'JSON', value: { type: 'json', format: '{"name": "", "phones": ["%ani%"]}' } },
    }),
    answers: {
      200: json('Its fields', TEMPLATE_FIELDS, {
        fields: [
          { path: 'name', token: null },
          { path: 'phones.0', token: 'ani' },
        ],
      }),
    },
    problems: ['malformed-body', 'invalid-request'],
  },
  {
    method: 'GET',
    path: '/v1/catalog',
    right: 'read',
    answersHead: true,
    id: 'getCatalog',
    tag: 'Templates',
    summary: 'List all data points',
    description: "By platform and category; the carrier's own last.",
    answers: {
      200: json('All data points', CATALOG, {
        platforms: [
          {
            id: 'autoid',
            title: 'AutoID',
            categories: [
              {
                name: 'call_begin',
                dataPoints: [{ name: 'ani', description: "Caller's number", example: '5551234567' }],
              },
            ],
          },
        ],
      }),
    },
    problems: [],
  },
  {
    method: 'GET',
    path: '/v1/stats',
    right: 'read',
    answersHead: true,
    id: 'getStats',
    tag: 'State',
    summary: 'Show live figures',
    description: 'Of the whole engine; to a token for some accounts, what is theirs.',
    answers: { 200: json('Figures', STATS, NO_FIGURES) },
    problems: [],
  },
  {
    method: 'GET',
    path: '/metrics',
    right: 'read',
    answersHead: true,
    id: 'getMetrics',
    tag: 'State',
    summary: 'Metrics for Prometheus',
    description:
      'Text exposition format 0.0.4, or OpenMetrics 1.0 with exemplars where `accept` asks for that; of all accounts: a token for some gets 403.',
    answers: {
      200: {
        description: 'Metrics',
        content: {
          'text/plain': { schema: z.string(), example: 'switchhook_outbox_deliveries{state="pending"} 0\n' },
          'application/openmetrics-text': { schema: z.string(), example: OPEN_METRICS },
        },
      },
    },
    problems: ['forbidden'],
  },
  {
    method: 'GET',
    path: '/v1/log',
    right: 'read',
    answersHead: true,
    id: 'getLogLevel',
    tag: 'State',
    summary: 'Show how much is logged',
    description:
      'Of the whole engine: a token for some accounts gets 403. 404 where the program around it keeps the log.',
    answers: { 200: json('The level', LOG_STATE, { level: 'info' }) },
    problems: ['forbidden', 'not-found'],
  },
  {
    method: 'PUT',
    path: '/v1/log',
    right: 'manage',
    answersHead: false,
    id: 'setLogLevel',
    tag: 'State',
    summary: 'Change how much is logged',
    description:
      'At once, until the next start or until another level stands in the configuration. Lines of the audit are written at ' +
      'every level.',
    body: command(LOG_ORDER, true, { debug: { summary: 'Everything', value: { level: 'debug' } } }),
    answers: { 200: json('It is changed', LOG_CHANGED, { level: 'debug', before: 'info' }) },
    problems: ['forbidden', 'not-found', 'malformed-body', 'invalid-request'],
  },
  {
    method: 'GET',
    path: '/healthz',
    right: 'open',
    answersHead: true,
    id: 'isAlive',
    tag: 'State',
    summary: 'Whether it is alive',
    description: 'For supervisors: answers as long as the process does.',
    answers: { 200: json('Alive', ALIVE, { status: 'alive' }) },
    problems: [],
  },
  {
    method: 'GET',
    path: '/readyz',
    right: 'open',
    answersHead: true,
    id: 'isReady',
    tag: 'State',
    summary: 'Whether traffic should come',
    description: 'Ready: the store is open, the workers are up.',
    answers: { 200: json('Ready', READY, { status: 'ready', checks: [{ name: 'store', ready: true }] }) },
    problems: ['unavailable'],
    problemMembers: { of: ['unavailable'], shape: { checks: z.exactOptional(CHECKS) } },
  },
  {
    method: 'GET',
    path: '/openapi.json',
    right: 'open',
    answersHead: true,
    id: 'getDocument',
    tag: 'State',
    summary: 'This document',
    description: 'OpenAPI 3.1. It holds no secret and changes with the version only: ask again with `if-none-match`.',
    fields: [
      { name: 'if-none-match', description: 'Answered with 304 where it names the current `etag`', example: '"none"' },
    ],
    answers: {
      200: {
        ...json('The document', z.looseObject({ openapi: z.string() }), { openapi: '3.1.1' }),
        fields: [{ name: 'etag', description: 'Digest of the document', example: '"mU2c0Fq3Yb9h"' }],
      },
      304: { description: 'It has not changed' },
    },
    problems: [],
  },
]
