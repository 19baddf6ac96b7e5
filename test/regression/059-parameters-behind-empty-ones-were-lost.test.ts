/**
 * A query or form was split into at most one part more than there may be parameters, empty parts among them: what stood behind two
 * thousand ampersands was not there, and nobody was told.
 */
import { describe, expect, test } from 'vitest'
import { utf8Decoder } from '../../src/ingress/body/charset.ts'
import { readPairs } from '../../src/ingress/body/form.ts'
import { DEFAULT_LIMITS } from '../../src/ingress/limits.ts'
import { run } from '../ingress/recording.ts'

const decode = utf8Decoder(() => undefined)
const LIMIT = DEFAULT_LIMITS.parameters

describe('parameters', () => {
  test.each([
    ['behind as many empty ones as there may be', `${'&'.repeat(LIMIT)}a=b`, 1],
    ['before as many empty ones', `a=b${'&'.repeat(LIMIT)}`, 1],
    ['as many as there may be', 'a=b&'.repeat(LIMIT), LIMIT],
  ])('%s are all read', (_name, text, count) => {
    const read = readPairs(text, decode, LIMIT)
    expect(read.kind === 'pairs' && read.pairs.length).toBe(count)
  })

  test.each([
    ['behind one empty more', `${'&'.repeat(LIMIT + 1)}a=b`],
    ['before one empty more', `a=b${'&'.repeat(LIMIT + 1)}`],
    ['one more than there may be', `${'a=b&'.repeat(LIMIT)}a=b`],
    ['far more', 'a=b&'.repeat(100_000)],
  ])('%s are refused', (_name, text) => {
    expect(readPairs(text, decode, LIMIT)).toEqual({ kind: 'refused', detail: 'there are more than 2000 parameters' })
  })
})

test('an event whose data points stand behind them is refused, and not accepted without them', async () => {
  await using server = await run()
  const answer = await fetch(`${server.url}/v1/events?type=t`, {
    method: 'POST',
    body: `${'&'.repeat(LIMIT + 1)}caller_id=5551234567`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })
  expect(answer.status).toBe(400)
  expect(server.engine.accepted).toEqual([])
})
