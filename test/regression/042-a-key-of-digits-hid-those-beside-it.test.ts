/**
 * A mapping with a key such as `10` is read as a `Map`, of which a schema sees no key: inside a webhook's `timeouts`, `retry`,
 * `circuit`, `network` or `tls` it was no mistake, and everything beside it fell back to its default without a word.
 */
import { expect, test } from 'vitest'
import { mistakesIn } from '../config/check.ts'

test.each([
  ['timeouts', '{ 10: 1s, response: 1s }'],
  ['retry', '{ 1: 5s, jitter: 0 }'],
  ['circuit', '{ 6: 1, failures: 2 }'],
  ['network', '{ 10: x, allow: [10.0.0.0/8] }'],
  ['tls', '{ 1: x }'],
  ['fallback', "{ 1: x, url: 'https://b.example' }"],
  ['timeouts', '{ __proto__: { response: 1s } }'],
])('%s: %s', (key, value) => {
  const text = `webhooks: [ { id: a, profile: custom, url: 'https://a.example', ${key}: ${value} } ]`
  const unknown = /\{ (\w+):/.exec(value)?.[1]
  expect(mistakesIn(text)).toEqual([
    expect.stringMatching(`webhooks\\.0\\.${key}\\.${unknown}: unknown key; known here: `),
  ])
})

test('of a template only the key itself is a mistake', () => {
  expect(mistakesIn("templates: [ { 1: x, id: t, type: json, format: '{}' } ]")).toEqual([
    expect.stringMatching(/templates\.0\.1: unknown key; known here: /),
  ])
})
