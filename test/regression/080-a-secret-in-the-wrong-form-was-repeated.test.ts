/**
 * Who writes `signing: TEXT` has forgotten the key below it, and what stands there is the secret. The mistake repeated it, into the log and
 * into the reload's issues in `/v1/stats`; so did a token that is no mapping.
 */
import { expect, test } from 'vitest'
import { mistakesIn } from '../config/check.ts'
import { feed, startManaged } from '../management/management-world.ts'

const PLANTED = 'whsec_cGxhbnRlZC1zaWduaW5n'

test.each([
  ['signing', PLANTED, 'a mapping is expected'],
  ['signing.secrets', { secrets: PLANTED }, 'a list of secrets is expected'],
  ['signing', [PLANTED], 'a mapping is expected'],
])('a webhook with a mistake at %s', async (path, signing, message) => {
  const webhook = feed('http://127.0.0.1:9', { signing })
  expect(mistakesIn(JSON.stringify({ webhooks: [{ id: 'crm', ...webhook }] })).join()).toMatch(
    new RegExp(`webhooks\\.0\\.${path.replace('.', '\\.')}: ${message}$`),
  )
  const { ask } = await startManaged('')
  const { json } = await ask('PUT', '/v1/webhooks/crm', webhook)
  expect(json.errors).toEqual([{ path, detail: message }])
})

test('a token that is no mapping', () => {
  expect(mistakesIn(`auth: { tokens: [${PLANTED}] }`).join()).toMatch(/auth\.tokens\.0: a mapping is expected$/)
})
