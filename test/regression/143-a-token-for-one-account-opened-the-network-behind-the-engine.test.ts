/**
 * A token for one account could put a webhook with `network: { allow: [0.0.0.0/0] }`, and have it reach what lies behind the engine:
 * the private network, or a cloud's metadata, whose answer it could then read.
 */
import { expect, test } from 'vitest'
import { feed, startManaged } from '../management/management-world.ts'

const CONFIG = `
auth: { tokens: [{ name: acme, secret: { env: ACME }, may: [manage, invoke], accounts: [acme] }] }
`

test.each([['169.254.169.254/32'], ['0.0.0.0/0'], ['::ffff:0:0/96']])('it is refused to allow %s', async (range) => {
  const { ask } = await startManaged(CONFIG, { ACME: 'acme-secret' })
  const token = { token: 'acme-secret' }
  const webhook = feed('http://169.254.169.254/', { network: { allow: [range] } })
  const { status, json } = await ask('PUT', '/v1/webhooks/w', webhook, token)
  expect({ status, type: json.type }).toEqual({ status: 403, type: 'urn:switchhook:problem:forbidden' })
  expect((await ask('GET', '/v1/webhooks/w', undefined, token)).status).toBe(404)
})
