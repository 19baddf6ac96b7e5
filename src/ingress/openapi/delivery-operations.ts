/**
 * Rows of the document about deliveries, and about commands on webhooks.
 */

import { ERASE_ORDER } from '../calls/erase-route.ts'
import { DELIVERY_FILTER } from '../deliveries/delivery-routes.ts'
import { PURGE_ORDER } from '../deliveries/purge-route.ts'
import { NO_ORDER, REPLAY_ORDER } from '../webhooks/webhook-commands.ts'
import { ACTIVATION, DELIVERY, DELIVERY_PAGE, ERASED, PURGED, REPLAYED, RETRIED } from './delivery-schemas.ts'
import { command, json, type Operation, type Target } from './operation.ts'

const DELIVERY_ID = '019a3b7e5c1200000000000001-0'

const TARGET: Target = { name: 'id', description: 'Id of the delivery', example: DELIVERY_ID }
const WEBHOOK: Target = { name: 'id', description: 'Id of the webhook', example: 'crm' }

const DEAD = {
  id: DELIVERY_ID,
  webhook: 'crm',
  account: 'default',
  event: { id: 'e-1001', source: '/switch-1', type: 'call.end', subject: 'call-7' },
  state: 'dead',
  reason: 'status',
  acceptedAt: '2026-11-21T08:00:00.012Z',
  endedAt: '2026-11-21T08:00:00.131Z',
  attempts: [
    {
      time: '2026-11-21T08:00:00.020Z',
      attempt: 1,
      durationMs: 14.2,
      result: 'failure',
      status: 500,
      reason: 'status',
      error: 'HTTP 500',
      answer: 'out of order',
      phases: { queueMs: 1, renderMs: 0.05, waitingMs: 0.1, connectMs: 1.9, firstByteMs: 11.8, bodyMs: 0.2 },
    },
  ],
}

/** All of them. */
export const DELIVERY_OPERATIONS: readonly Operation[] = [
  {
    method: 'GET',
    path: '/v1/deliveries',
    right: 'read',
    answersHead: true,
    id: 'listDeliveries',
    tag: 'Deliveries',
    summary: 'List deliveries',
    description: 'The newest first, a page at a time: `next` is the `cursor` of the page after.',
    query: DELIVERY_FILTER,
    queryExamples: { webhook: 'crm', state: 'dead', limit: 10 },
    answers: { 200: json('A page', DELIVERY_PAGE, { deliveries: [DEAD], next: null }) },
    problems: ['invalid-request'],
  },
  {
    method: 'GET',
    path: '/v1/deliveries/{id}',
    right: 'read',
    answersHead: true,
    id: 'getDelivery',
    tag: 'Deliveries',
    summary: 'Show a delivery',
    description: 'With its latest attempts, and what keeps it from going out now.',
    target: TARGET,
    answers: { 200: json('The delivery', DELIVERY, DEAD) },
    problems: [],
  },
  {
    method: 'POST',
    path: '/v1/deliveries/{id}/retry',
    right: 'manage',
    answersHead: false,
    id: 'retryDelivery',
    tag: 'Deliveries',
    summary: 'Send a delivery again, now',
    description:
      'A dead one with its schedule from the beginning, a delivered one once more, a waiting one before its time.',
    target: TARGET,
    answers: { 202: json('It waits, durably', RETRIED, { id: DELIVERY_ID, state: 'pending' }) },
    problems: ['conflict'],
  },
  {
    method: 'POST',
    path: '/v1/webhooks/{id}/replay',
    right: 'manage',
    answersHead: false,
    id: 'replayWebhook',
    tag: 'Deliveries',
    summary: 'Send many deliveries of a webhook again',
    description:
      'Dead letters, or what was delivered, whose events were accepted in a span of time; they keep their ids. Answers when ' +
      'all of them wait, durably. One replay of a webhook runs at a time.',
    target: WEBHOOK,
    body: command(REPLAY_ORDER, false, { since: { summary: 'Dead letters of two hours', value: { since: '2h' } } }),
    answers: { 202: json('They wait', REPLAYED, { replayed: 3 }) },
    problems: ['malformed-body', 'conflict', 'invalid-request'],
  },
  activation('activate', 'Let a webhook be sent again', 'What waits for it goes out.', true),
  activation('deactivate', 'Hold a webhook', 'It gets nothing and loses nothing: its deliveries wait.', false),
  {
    method: 'POST',
    path: '/v1/deliveries/purge',
    right: 'manage',
    answersHead: false,
    id: 'purgeDeliveries',
    tag: 'Deliveries',
    summary: 'Remove ended deliveries for good',
    description: 'Before their retention would. Their events stay known as duplicates for 24 h.',
    body: command(PURGE_ORDER, true, {
      dead: { summary: 'Dead letters that are a week old', value: { state: 'dead', before: '7d' } },
    }),
    answers: { 200: json('They are gone', PURGED, { purged: 12 }) },
    problems: ['malformed-body', 'conflict', 'invalid-request'],
  },
  {
    method: 'POST',
    path: '/v1/erase',
    right: 'manage',
    answersHead: false,
    id: 'erase',
    tag: 'Calls',
    summary: "Erase a caller's data",
    description:
      'All that is kept of a call or a telephone number, of the accounts that the token is for. Each request works for about ' +
      'half a second: while `next` is not null, send the same again with it as `cursor`.',
    body: command(ERASE_ORDER, true, {
      call: { summary: 'All of a call', value: { call: 'call-7' } },
      number: { summary: 'Only count what there is of a number', value: { number: '+1 555 123 4567', dryRun: true } },
    }),
    answers: {
      200: json('So much was erased', ERASED, { events: 1, deliveries: 2, pending: 0, dryRun: false, next: null }),
    },
    problems: ['malformed-body', 'not-found', 'conflict', 'invalid-request'],
  },
]

function activation(name: 'activate' | 'deactivate', summary: string, description: string, active: boolean): Operation {
  return {
    method: 'POST',
    path: `/v1/webhooks/{id}/${name}`,
    right: 'manage',
    answersHead: false,
    id: `${name}Webhook`,
    tag: 'Webhooks',
    summary,
    description: `${description} Outlasts a restart.`,
    target: WEBHOOK,
    body: command(NO_ORDER, false, { nothing: { summary: 'Nothing, or an empty object', value: {} } }),
    answers: { 200: json('How it is now', ACTIVATION, { id: 'crm', active }) },
    problems: ['malformed-body', 'invalid-request'],
  }
}
