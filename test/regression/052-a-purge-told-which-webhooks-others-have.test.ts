/**
 * A purge that named another account's webhook was answered 404, one that named a webhook of nobody 200: a token for one account
 * could find out the ids of all others' webhooks.
 */
import { expect, test } from 'vitest'
import { startWorld } from '../e2e/world.ts'

const CONFIG = `
workers: 0
auth: { tokens: [ { name: beta, secret: { env: TOKEN }, may: [manage], accounts: [beta] } ] }
webhooks: [ { id: acme-crm, account: acme, profile: custom, url: 'http://127.0.0.1:9/a' } ]
`

test('the answers are word for word the same', async () => {
  const world = await startWorld(CONFIG, { TOKEN: 'beta-secret' })
  const purge = async (webhook: string): Promise<readonly [number, string]> => {
    const response = await fetch(`${world.url}/v1/deliveries/purge`, {
      method: 'POST',
      headers: { authorization: 'Bearer beta-secret', 'content-type': 'application/json' },
      body: JSON.stringify({ state: 'dead', before: '1s', webhook }),
    })
    return [response.status, await response.text()]
  }
  expect(await purge('acme-crm')).toEqual([200, '{"purged":0}'])
  expect(await purge('nobodys')).toEqual([200, '{"purged":0}'])
})
