/** What a token for some accounts sees of the whole: its own figures, and no metrics. */
import { expect, test } from 'vitest'
import { problemOf, run } from './recording.ts'

const TOKENS = [
  { name: 'acme', secret: 'acme-secret', may: ['read'], accounts: ['acme'] },
  { name: 'all', secret: 'all-secret', may: ['read'], accounts: 'all' },
] as const

function get(url: string, token: string): Promise<Response> {
  return fetch(url, { headers: { authorization: `Bearer ${token}-secret` } })
}

test('figures are those of the accounts of the token', async () => {
  await using server = await run({ tokens: TOKENS })
  const accountsOf = async (token: string) => await (await get(`${server.url}/v1/stats`, token)).json()
  expect(await accountsOf('acme')).toEqual({ pending: 1, accounts: ['acme'] })
  expect(await accountsOf('all')).toEqual({ pending: 3 })
})

test('metrics are only for tokens of all accounts', async () => {
  await using server = await run({ tokens: TOKENS })
  const refused = await get(`${server.url}/metrics`, 'acme')
  expect(await problemOf(refused)).toMatchObject({ status: 403, name: 'forbidden' })
  const answered = await get(`${server.url}/metrics`, 'all')
  expect([answered.status, await answered.text()]).toEqual([200, 'switchhook_events_total 1\n'])
})
