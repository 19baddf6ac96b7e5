/** Webhooks are as they were, and what is equal in them is there once. */
import { expect, test } from 'vitest'
import { SharedParts } from '../../src/config/shared-parts.ts'
import type { Webhook } from '../../src/model/webhook.ts'
import { load } from './check.ts'

/** Read each by itself: nothing in one is the other's. */
function webhook(id: string, more = ''): Webhook {
  const fallback = "fallback: { url: 'https://b.example/' }"
  const text = `{ id: ${id}, profile: custom, template: t, method: POST, url: 'https://a.example/${id}', ${fallback}${more} }`
  const { webhooks } = load(`templates: [ { id: t, type: json, format: '{}' } ]\nwebhooks: [ ${text} ]`)
  const [read] = webhooks
  if (read === undefined) throw new Error('there is no webhook')
  return read
}

test('what comes out equals what went in', () => {
  const parts = new SharedParts()
  const read = [webhook('a'), webhook('b', ', signing: { secret: { env: SIGNING } }, name: c'), webhook('c')]
  expect(read.map((each) => parts.of(each))).toEqual(read)
})

test('two webhooks alike share all that is not their own', () => {
  const parts = new SharedParts()
  const [left, right] = [parts.of(webhook('a')), parts.of(webhook('b'))]
  for (const name of ['endpoint', 'answer', 'success', 'trigger', 'scheduleMs', 'secrets', 'circuit'] as const) {
    expect(right[name]).toBe(left[name])
  }
  expect(right.request.body).toBe(left.request.body)
  expect(right.request.headers).toBe(left.request.headers)
  expect(right.fallback?.endpoint).toBe(left.fallback?.endpoint)
  expect([left.request.url.text, right.request.url.text]).toEqual(['https://a.example/a', 'https://a.example/b'])
})

test('what differs in one place is not shared', () => {
  const parts = new SharedParts()
  const [left, right] = [parts.of(webhook('a')), parts.of(webhook('b', ', retry: { schedule: [0s, 1s] }'))]
  expect(right.scheduleMs).toEqual([0, 1000])
  expect(left.scheduleMs).not.toEqual(right.scheduleMs)
  expect(right.circuit).toBe(left.circuit)
})

test.each([
  [999, true],
  [1000, false],
])('after %i other headers, that the first ones are known is %s', (others, isKnown) => {
  const parts = new SharedParts()
  const { fallback: _, ...first } = webhook('a')
  const { headers } = parts.of(first).request
  for (let index = 0; index < others; index += 1) {
    const other = [{ name: 'x-other', value: { text: `${index}`, syntax: 'none' } }] as const
    parts.of({ ...first, request: { ...first.request, headers: other } })
  }
  const again = parts.of({ ...first, request: { ...first.request, headers: [...headers] } })
  expect(again.request.headers).toEqual(headers)
  expect(again.request.headers === headers).toBe(isKnown)
})
