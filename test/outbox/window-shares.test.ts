/** How what is in memory is shared out: among accounts first, then among the webhooks of each. */
import { expect, test } from 'vitest'
import { WindowShares } from '../../src/outbox/embedded/window-shares.ts'

/** Shares of 20,000 in all and 1,000 a webhook, with so many windows of each account. */
function sharesOf(windows: Readonly<Record<string, number>>): WindowShares {
  const shares = new WindowShares({ total: 20_000, perWebhook: 1000 })
  for (const [account, count] of Object.entries(windows)) {
    for (let window = 0; window < count; window += 1) shares.joins(account)
  }
  return shares
}

test.each([
  ['one webhook alone has as much as a webhook may', { a: 1 }, { a: 1000 }],
  ['twenty of one account have all of it', { a: 20 }, { a: 1000 }],
  ['twenty-one have a little less each', { a: 21 }, { a: 952 }],
  ['many webhooks leave another account as much as they have', { a: 1000, b: 10 }, { a: 10, b: 1000 }],
  ['1,250 are the most that have more than the least', { a: 1250, b: 1 }, { a: 8, b: 1000 }],
  ['however many there are, each has the least', { a: 100_000, b: 40 }, { a: 8, b: 250 }],
])('%s', (_, windows, expected) => {
  const shares = sharesOf(windows)
  expect(Object.fromEntries(Object.keys(windows).map((account) => [account, shares.of(account)]))).toEqual(expected)
})

test('an account without windows leaves its part to the others', () => {
  const shares = sharesOf({ a: 100, b: 1 })
  expect(shares.of('a')).toBe(100)
  shares.leaves('b')
  expect(shares.of('a')).toBe(200)
})

test.each([[{ a: 1 }], [{ a: 1000, b: 10 }], [{ a: 100_000, b: 40, c: 3 }]])(
  'all shares together are less than what makes them be cut: %j',
  (windows) => {
    const shares = sharesOf(windows)
    const together = Object.entries(windows).reduce((sum, [account, count]) => sum + count * shares.of(account), 0)
    expect(together).toBeLessThan(shares.cutAbove)
  },
)
