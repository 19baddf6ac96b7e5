/**
 * The configuration took any line of text as an account, and events were refused that named one with a capital, a space or more than
 * 64 characters: of a token for two such accounts no event could be sent at all.
 */
import { expect, test } from 'vitest'
import { startWorld } from '../e2e/world.ts'
import { Receiver } from '../worker/receiver.ts'

const ACCOUNTS = ['Acme', 'Café Zürich', 'a'.repeat(200)]

test.each(ACCOUNTS)('an event names the account %s, and its webhook is triggered', async (account) => {
  await using customer = await Receiver.start()
  const others = ACCOUNTS.filter((other) => other !== account)
  const token = { name: 'switch', secret: { env: 'TOKEN' }, may: ['send'], accounts: ACCOUNTS }
  const webhooks = [account, ...others].map((owner, index) => ({
    ...{ id: `w${index}`, account: owner, profile: 'custom', on: ['call.end'], method: 'GET' },
    url: `${customer.origin}/${index}`,
  }))
  const config = `workers: 0\nauth: ${JSON.stringify({ tokens: [token] })}\nwebhooks: ${JSON.stringify(webhooks)}`
  const world = await startWorld(config, { TOKEN: 'switch-token' })
  const answer = await fetch(`${world.url}/v1/events`, {
    method: 'POST',
    headers: { authorization: 'Bearer switch-token', 'content-type': 'application/json' },
    body: JSON.stringify({ type: 'call.end', account }),
  })
  expect(answer.status).toBe(202)
  await customer.until(() => customer.received.length === 1)
  expect(customer.received.map(({ url }) => url)).toEqual(['/0'])
})
