/**
 * A webhook of the file that was moved to another account over the API belongs to that account while it stands there. Whoever managed that
 * account alone could delete it, which brought the file's back into force for an account that the token is not for. And a file that gave
 * an id to a webhook which another account had taken over the API was passed over without a word.
 */
import { expect, test } from 'vitest'
import { feed, startManaged } from '../management/management-world.ts'

const TOKENS = `
auth:
  tokens:
    - { name: beta, secret: { env: BETA }, may: [manage], accounts: [beta] }
    - { name: all, secret: { env: ALL }, may: [manage] }
`
const SECRETS = { BETA: 'beta-secret', ALL: 'all-secret' }
const [beta, all] = [{ token: SECRETS.BETA }, { token: SECRETS.ALL }]
const FILE = `${TOKENS}webhooks: [{ id: crm, account: acme, profile: custom, url: 'http://127.0.0.1:9' }]\n`
const OF_BETA = feed('http://127.0.0.1:9', { account: 'beta' })

test('a token for one account does not bring back the webhook of another', async () => {
  const { ask } = await startManaged(FILE, SECRETS)
  expect((await ask('PUT', '/v1/webhooks/crm', OF_BETA, all)).status).toBe(200)
  const { status, json } = await ask('DELETE', '/v1/webhooks/crm', undefined, beta)
  expect([status, json.detail]).toEqual([409, expect.stringContaining("another account's")])
  expect((await ask('GET', '/v1/webhooks/crm', undefined, beta)).status).toBe(200)
  expect((await ask('DELETE', '/v1/webhooks/crm', undefined, all)).status).toBe(204)
  expect((await ask('GET', '/v1/webhooks/crm', undefined, all)).json.account).toBe('acme')
})

test('a file is told whose webhook stands in the place of its own', async () => {
  const { ask, reload, logged } = await startManaged(TOKENS, SECRETS)
  const warnings = () => logged.filter(({ message }) => message.includes('in the place of'))
  await ask('PUT', '/v1/webhooks/crm', OF_BETA, beta)
  expect(warnings()).toEqual([])
  await reload(`workers: 0\n${FILE}`)
  const message = "the API's webhook crm of account beta stands in the place of the file's of account acme"
  expect(warnings()).toEqual([{ level: 'warn', fields: { kind: 'webhook', id: 'crm', account: 'beta' }, message }])
  await reload(`workers: 0\n${FILE}# once more\n`)
  expect(warnings()).toHaveLength(1)
})
