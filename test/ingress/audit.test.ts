/** The audit trail: every change has its line, which tells who, from where, what and what came of it, and no secret. */
import { expect, test } from 'vitest'
import { SwitchhookError } from '../../src/errors.ts'
import type { DeliveryRecord } from '../../src/model/delivery.ts'
import { post, run } from './recording.ts'

const TOKENS = [{ name: 'ops', secret: 'ops-secret', may: ['manage'], accounts: 'all' }] as const
const DEAD: DeliveryRecord = {
  ...{ id: 'd1', webhook: 'crm', account: 'acme', state: 'dead', acceptedAtMs: 0, endedAtMs: 1, attempts: [] },
  event: { id: 'e1', source: '/', type: 'call.end', subject: 'c1' },
}
const SINCE = '2026-01-01T00:00:00.000Z'
const UNTIL = '2026-01-02T00:00:00.000Z'

async function linesOf(path: string, body: object, failure?: Error): Promise<readonly object[]> {
  const lines: object[] = []
  const log = { info: (fields: object) => void lines.push(fields), error: () => undefined }
  await using server = await run({ tokens: TOKENS, log })
  server.engine.page = { deliveries: [DEAD] }
  server.engine.failure = failure
  const headers = { authorization: 'Bearer ops-secret' }
  await post(`${server.url}${path}`, 'application/json', JSON.stringify(body), headers)
  return lines
}

test.each([
  [
    '/v1/webhooks/crm/replay',
    { since: SINCE, until: UNTIL },
    { audit: 'replay', webhook: 'crm', state: 'dead', since: SINCE, until: UNTIL, replayed: 3 },
  ],
  ['/v1/webhooks/crm/activate', {}, { audit: 'activate', webhook: 'crm' }],
  ['/v1/webhooks/crm/deactivate', {}, { audit: 'deactivate', webhook: 'crm' }],
  ['/v1/deliveries/d1/retry', {}, { audit: 'retry', delivery: 'd1', webhook: 'crm', result: 'retried' }],
  [
    '/v1/deliveries/purge',
    { state: 'dead', before: UNTIL, webhook: 'crm' },
    { audit: 'purge', state: 'dead', before: UNTIL, webhook: 'crm', purged: 1 },
  ],
  [
    '/v1/erase',
    { number: '+1 555 123 4567' },
    { audit: 'erase', of: 'number', dryRun: false, events: 2, deliveries: 3, pending: 1 },
  ],
])('%s writes its line', async (path, body, expected) => {
  expect(await linesOf(path, body)).toEqual([{ by: 'ops', from: '127.0.0.1', ...expected }])
})

test('a change that failed has its line too', async () => {
  const lines = await linesOf('/v1/webhooks/crm/deactivate', {}, new SwitchhookError('unavailable', 'the disk is full'))
  expect(lines).toMatchObject([{ audit: 'deactivate', webhook: 'crm', by: 'ops', failed: 'the disk is full' }])
})

test('what is refused before anything changes has none', async () => {
  expect(await linesOf('/v1/webhooks/nobody/deactivate', {})).toEqual([])
  expect(await linesOf('/v1/webhooks/crm/replay', { state: 'pending' })).toEqual([])
})

test('no line holds a secret', async () => {
  const lines = await linesOf('/v1/webhooks/crm/replay', {})
  expect(JSON.stringify(lines)).not.toContain('ops-secret')
})
