import { describe, expect, test } from 'vitest'
import { load, mistakesIn } from './check.ts'
import { CUSTOM, WRONG_WEBHOOK_KEYS, WRONG_WEBHOOKS, webhook } from './wrong-webhooks.ts'

describe('the keys of a webhook', () => {
  test.each(WRONG_WEBHOOK_KEYS)('%s is refused', (keys, issue) => {
    expect(mistakesIn(webhook(keys))).toEqual([issue])
  })

  test.each([
    'timeouts: { connect: 5s, response: 1ms }',
    'retry: { schedule: [0s, 365d], jitter: 0 }',
    'retry: { jitter: 1 }',
    `retry: { schedule: [${Array.from({ length: 100 }, () => '1s').join(', ')}] }`,
    'concurrency: 1',
    'concurrency: 10000',
    'rate: 1000000/s',
    'rate: 1/h',
    'signing: { secret: { env: SIGNING } }',
    'circuit: off',
    'circuit: { failures: 1000, within: 1d, probe: 1h }',
    'fallback: { url: "https://y", after: 9999ms, budget: 10s }',
    'fallback: { url: "https://y", after: 0s, budget: 1ms }',
  ])('%s is right', (keys) => {
    expect(mistakesIn(webhook(keys))).toEqual([])
  })

  test('a schedule of 101 attempts is refused', () => {
    const schedule = Array.from({ length: 101 }, () => '1s').join(', ')
    expect(mistakesIn(webhook(`retry: { schedule: [${schedule}] }`))).toEqual([
      'f:5:24 webhooks.0.retry.schedule: at most 100 attempts are expected',
    ])
  })

  test.each(WRONG_WEBHOOKS)('%s is refused', (text, issues) => {
    expect(mistakesIn(text)).toEqual(issues)
  })

  test.each([
    ['a'.repeat(64), 0],
    ['a'.repeat(65), 1],
    ['0_-', 0],
  ])('the id %s has %i mistakes', (text, count) => {
    expect(mistakesIn(`webhooks: [ { id: "${text}", ${CUSTOM} } ]`)).toHaveLength(count)
  })

  test('own data points are known to tokens', () => {
    const text = `dataPoints: [ { name: queue_depth } ]\n${webhook('body: a=%queue_depth%')}`
    expect(load(text).pointNames.has('queue_depth')).toBe(true)
  })
})
