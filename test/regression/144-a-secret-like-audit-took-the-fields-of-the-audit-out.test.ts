/**
 * Whoever could set a secret over the API could set `audit` or `night-shift`: from then on the mask took these words out of each audit
 * line, of all accounts, the names of its fields among them, and two that became the same overwrote each other.
 */
import { expect, test } from 'vitest'
import { createLog } from '../../src/logging/log.ts'

const WHO = { audit: 'put-webhook', by: 'night-shift', from: '2001:db8::1234:5678' }

test.each([['put-webhook'], ['audit'], ['night-shift'], ['webhook'], ['crm-leads'], ['created'], ['2001:db8']])(
  'the secret %s leaves an audit line as it is',
  (secret) => {
    const lines: Record<string, unknown>[] = []
    const log = createLog({ write: (line: string) => lines.push(JSON.parse(line)) })
    log.hide([secret])
    log.info({ ...WHO, webhook: 'crm-leads', result: 'created', origin: 'api' }, 'audit: put-webhook')
    expect(lines).toMatchObject([{ ...WHO, webhook: 'crm-leads', result: 'created', msg: 'audit: put-webhook' }])
  },
)

test('telephone numbers, and why it failed, are masked in it as everywhere', () => {
  const lines: Record<string, unknown>[] = []
  const log = createLog({ write: (line: string) => lines.push(JSON.parse(line)) })
  log.hide(['hunter22'])
  log.info({ ...WHO, subject: '+15551234567', failed: 'no hunter22' }, 'audit: erase')
  expect(lines).toMatchObject([{ ...WHO, subject: '***67', failed: 'no [masked]' }])
})
