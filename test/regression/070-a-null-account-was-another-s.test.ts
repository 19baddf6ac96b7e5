/**
 * `"account": null` counted as given where the token's accounts were looked at, and as absent where the default was put in its place:
 * whoever managed one account could put webhooks and bindings into the account `default`, and be sent its calls.
 */
import { expect, test } from 'vitest'
import { feed, startManaged } from '../management/management-world.ts'

const CONFIG = `
auth:
  tokens:
    - { name: acme, secret: { env: ACME }, may: [manage], accounts: [acme] }
    - { name: all, secret: { env: ALL }, may: [manage] }
`
const SECRETS = { ACME: 'acme-secret', ALL: 'all-secret' }

test.each([
  ['webhooks', feed('http://127.0.0.1:9', { account: null })],
  ['bindings', { account: null, number: '8005550001', postCall: 'none' }],
])('%s with null for an account are put nowhere', async (kind, body) => {
  const { ask } = await startManaged(CONFIG, SECRETS)
  for (const token of Object.values(SECRETS)) {
    const { status, json } = await ask('PUT', `/v1/${kind}/own`, body, { token })
    expect(status).toBe(422)
    expect(json.errors).toEqual([expect.objectContaining({ path: 'account' })])
    expect((await ask('GET', `/v1/${kind}`, undefined, { token })).json).toMatchObject({ [kind]: [] })
  }
})
