/** Lines about deliveries say which delivery, webhook, call and trace they are of; a call that is known by its caller's number stays masked. */
import { expect, test } from 'vitest'
import { logFailed } from '../../src/engine/log-lines.ts'
import { createLog } from '../../src/logging/log.ts'
import type { ClaimedDelivery, Settlement } from '../../src/outbox/contract.ts'
import { outcome } from './webhooks.ts'

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

/** What is written of a failed delivery that belongs to the call `subject`. */
function written(subject: string, settlement: Settlement): unknown {
  const lines: string[] = []
  const log = createLog({ write: (line: string) => lines.push(line) }, { level: 'debug' })
  const delivery: ClaimedDelivery = {
    id: '0000000000000000000000000a-0',
    webhook: 'crm',
    account: 'acme',
    attempts: 0,
    crashes: 0,
    waitsSinceMs: 0,
    acceptedAtMs: 0,
    subject,
    traceparent: TRACEPARENT,
    payload: '{"ani":"8005550199"}',
    context: '{"caller":"8005550199"}',
  }
  logFailed(log, delivery, settlement, outcome())
  return JSON.parse(lines[0] ?? '')
}

test.each([
  ['a dead letter', { id: 'd', atMs: 0, to: 'dead', reason: 'status' }],
  ['a delivery that is sent again', { id: 'd', atMs: 0, to: 'again', dueMs: 5000, uses: 'attempt' }],
] as const)('%s is named with its webhook, call and trace, and nothing of what it carries', (_, settlement) => {
  const line = written('call-7', settlement)
  expect(line).toMatchObject({ delivery: '0000000000000000000000000a-0', webhook: 'crm', account: 'acme' })
  expect(line).toMatchObject({ call: 'call-7', traceparent: TRACEPARENT, status: 500 })
  expect(JSON.stringify(line)).not.toContain('80055501')
})

test.each(['+1 (800) 555-0199', '8005550199'])('a call that is known by %s shows its last two digits', (subject) => {
  expect(written(subject, { id: 'd', atMs: 0, to: 'dead', reason: 'status' })).toMatchObject({ call: '***99' })
})
