/**
 * The parameters of `option: google-analytics` were tokens of a generated format, so that only names of the catalogue could be sent:
 * a variable that an answer had set was refused as an unknown token. They take any data point, as every other parameter map does.
 */
import { expect, test } from 'vitest'
import { load, mistakesIn } from '../config/check.ts'
import { render } from '../profiles/describe.ts'

const ANALYTICS = {
  url: 'https://www.google-analytics.com/mp/collect',
  option: 'google-analytics',
  measurementId: 'G-1A2B3C',
  apiSecret: 'secret',
}

/** `client_id` and the event's parameters, as they are sent. */
function sent(params: object, data: Parameters<typeof render>[2]): unknown {
  const { body } = render('dialogtech-post-call', { ...ANALYTICS, params }, data)
  const { client_id, events } = JSON.parse(body ?? '')
  return { client_id, ...events[0].params }
}

test.each([
  ['a variable as it is, a number', { account_balance: 120.5 }, 120.5],
  ['a text', { account_balance: '0042' }, '0042'],
  ['a flag', { account_balance: true }, true],
  ['a nested value', { account_balance: { a: [1] } }, { a: [1] }],
  ['null where the call has none', {}, null],
])('a name that the catalogue has not gives %s', (_what, data, a) => {
  expect(sent({ a: 'account_balance' }, data)).toEqual({ client_id: '', a })
})

test.each([
  ['responses.1', { responses: { 1: '5' } }, '5'],
  ['user.phones.0', { user: { phones: [7] } }, 7],
  ['two words', { 'two words': 'x' }, 'x'],
  ['a"b\\', { 'a"b\\': 'x' }, 'x'],
])('a path %j is read as everywhere', (path, data, a) => {
  expect(sent({ a: path }, data)).toMatchObject({ a })
})

test.each(['100%ani%', `$\{ani}`, '$', '%', '"\\"', '\\u0024{ani}'])('the static text %j stays as written', (value) => {
  expect(sent({ a: { value }, b: 'ani' }, { ani: '777', st_google_ua_client_id: 104.5 })).toEqual({
    client_id: '104.5',
    a: value,
    b: '777',
  })
})

const webhook = (params: string) => `webhooks:
  - id: a
    profile: dialogtech-post-call
    option: google-analytics
    url: https://www.google-analytics.com/mp/collect
    measurementId: G-1A2B3C
    apiSecret: { env: TOKEN }
    params: ${params}`

test('a configuration that names one is loaded', () => {
  expect(load(webhook('{ a: account_balance }')).webhooks).toHaveLength(1)
})

test('two parameters of one name are refused as before', () => {
  expect(mistakesIn(webhook('[ { name: a, from: ani }, { name: a, value: x } ]'))).toEqual([
    'f:8:13 webhooks.0.params: the key "a" stands twice in this object',
  ])
})
