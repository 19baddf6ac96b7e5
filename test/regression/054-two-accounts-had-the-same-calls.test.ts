/**
 * An account's name could hold a line break, which parts the account from the call in the keys of contexts and decisions: of the
 * accounts `a` and `a⏎b`, the call `b⏎c` of the one was the call `c` of the other, and a token of the one read it.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CallContexts } from '../../src/engine/calls/call-context.ts'
import { runAtOnce } from '../../src/engine/slices.ts'
import { mistakesIn } from '../config/check.ts'
import { startWorld } from '../e2e/world.ts'

const PLACES: readonly (readonly [place: string, yaml: (name: string) => string])[] = [
  ['accounts.0.id', (name) => `accounts: [{ id: ${name} }]`],
  ['accounts.0.groups.0', (name) => `accounts: [{ id: x, groups: [${name}] }]`],
  [
    'auth.tokens.0.accounts.0',
    (name) => `auth: { tokens: [{ name: t, secret: { env: TOKEN }, may: [read], accounts: [${name}] }] }`,
  ],
  [
    'webhooks.0.account',
    (name) => `webhooks: [{ id: w, profile: custom, account: ${name}, url: "https://h.example/" }]`,
  ],
  ['templates.0.group', (name) => `templates: [{ id: t, type: json, format: "{}", group: ${name} }]`],
]

describe.each(PLACES)('a name at %s', (place, yaml) => {
  test.each(['"a\\nb"', '"a\\0"', '"\\ta"', '"a\\x7f"', '"a\\u0085b"'])('is refused as %s', (name) => {
    const mistakes = mistakesIn(yaml(name))
    expect(mistakes).toEqual([expect.stringContaining(`${place}: must not hold control characters`)])
  })

  test.each(['"a b"', 'Müller & Söhne', '"a:b"', '日本', '"a\\u2028b"'])('may be %s', (name) => {
    expect(mistakesIn(yaml(name))).toEqual([])
  })
})

test('a binding names no such account either', () => {
  expect(mistakesIn('bindings: [{ account: "a\\nb", number: "8005550001", postCall: none }]').join()).toContain(
    'bindings.0.account: must not hold control characters',
  )
})

test('with such names no two calls of two accounts have the same context, whatever their subjects hold', () => {
  const part = fc.constantFrom('a', 'b', ' ', '\n', '\0', 'é', '💥')
  const text = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(''))
  const account = text.map((name) => name.replace(/\p{Cc}/gu, '-'))
  const call = fc.tuple(account, text)
  fc.assert(
    fc.property(call, call, ([account, subject], [other, otherSubject]) => {
      fc.pre(account !== other || subject !== otherSubject)
      const contexts = new CallContexts()
      contexts.record(account, subject, { kind: 'set-variables', variables: { a: 1 } }, 0)
      expect(contexts.peek(other, otherSubject, 0)).toBeUndefined()
      runAtOnce(contexts.forgetWhere((each) => each.account === other && each.subject === otherSubject))
      expect(contexts.size).toBe(1)
      runAtOnce(contexts.forgetWhere((each) => each.account === account && each.subject === subject))
      expect(contexts.size).toBe(0)
    }),
    { numRuns: 2000 },
  )
})

describe('subjects, ids and sources with a line break or NUL', () => {
  const config = `
store: { engine: memory }
workers: 0
auth:
  tokens:
    - { name: one, secret: { env: ONE }, may: [send, invoke, read, manage], accounts: [a] }
    - { name: two, secret: { env: TWO }, may: [send, invoke, read, manage], accounts: [b] }
webhooks: [{ id: w, profile: custom, account: a, url: "http://127.0.0.1:9/" }]
`

  test.each(['subject', 'id', 'source', 'account', 'type'])(
    'are refused as the %s of an event, in every form',
    async (name) => {
      const { url } = await startWorld(config, { ONE: 'one-secret', TWO: 'two-secret' })
      const authorization = 'Bearer one-secret'
      const query = new URLSearchParams({ type: 't', subject: 's', [name]: 'a\nb' })
      const requests: readonly (readonly [string, RequestInit])[] = [
        [
          '/v1/events',
          { body: JSON.stringify({ type: 't', [name]: 'a\nb' }), headers: { 'content-type': 'application/json' } },
        ],
        [
          '/v1/events',
          { body: JSON.stringify({ type: 't', [name]: 'a\0b' }), headers: { 'content-type': 'application/x-ndjson' } },
        ],
        [`/v1/events?${query}`, { body: 'x=y', headers: { 'content-type': 'application/x-www-form-urlencoded' } }],
        [
          '/v1/events',
          { body: '{}', headers: { 'content-type': 'application/json', 'ce-type': 't', [`ce-${name}`]: 'a%0Ab' } },
        ],
      ]
      for (const [path, init] of requests) {
        const answer = await fetch(url + path, { method: 'POST', ...init, headers: { ...init.headers, authorization } })
        expect([400, 403, 422]).toContain(answer.status)
        expect(await answer.text()).toMatch(new RegExp(`${name}|not for the account`))
      }
      const invoked = await fetch(`${url}/v1/webhooks/w/invoke?${query}`, { headers: { authorization } })
      expect(invoked.status).toBe(422)
    },
  )

  test('lead to no call of another account', async () => {
    const { url } = await startWorld(config, { ONE: 'one-secret', TWO: 'two-secret' })
    const get = async (path: string, secret: string) =>
      (await fetch(url + path, { headers: { authorization: `Bearer ${secret}` } })).status
    await fetch(`${url}/v1/webhooks/w/invoke?subject=c`, { headers: { authorization: 'Bearer one-secret' } })
    expect(await get('/v1/calls/c', 'one-secret')).toBe(200)
    for (const path of [
      '/v1/calls/c',
      '/v1/calls/c?account=a',
      '/v1/calls/a%0Ac',
      '/v1/calls/c?account=b%0Aa',
      '/v1/calls/%0Ac?account=a',
    ]) {
      expect([path, await get(path, 'two-secret')]).toEqual([path, 404])
    }
  })
})
