/**
 * Mutants of real requests against every reader of the ingress: an event that comes out has every attribute within its rule, data
 * points that are plain, and is sent on without half a character; everything else is refused and told why.
 */
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CATALOG_NAMES } from '../../src/catalog/catalog.ts'
import { compileRequest } from '../../src/compile/compile-request.ts'
import { inflateBody, readCoding } from '../../src/ingress/body/inflate.ts'
import { preferredType, readContentType } from '../../src/ingress/body/media-type.ts'
import type { EventResult, EventRules } from '../../src/ingress/events/event-attributes.ts'
import { readCarriage, readQueryEvent, readSingle } from '../../src/ingress/events/event-reader.ts'
import { type Splitter, splitArray, splitLines } from '../../src/ingress/events/split-batch.ts'
import { compileAccess } from '../../src/ingress/http/access.ts'
import { DEFAULT_LIMITS } from '../../src/ingress/limits.ts'
import { waitSeconds } from '../../src/ingress/webhooks/prefer.ts'
import type { DataPoints } from '../../src/model/data.ts'
import { points, requestSpec, template, text } from '../compile/rendering.ts'
import { authorizations, EVENTS, FIELDS, HEADS } from './corpus.ts'
import { expectDetail, expectLine, expectPlain, fuzz, mutantOf, mutantText } from './mutants.ts'

const RULES: EventRules = {
  accountFor: (given) =>
    given === 'beta' ? { refused: 'the token is not for the account beta' } : (given ?? 'default'),
  defaultType: undefined,
  traceparent: undefined,
}

/** Most characters of a refusal that repeats nothing. */
const DETAIL_LIMIT = 1000

/** One of each place that a value can stand in. */
const render = (() => {
  const compiled = compileRequest(
    requestSpec({
      url: text('https://h.example/%caller_id%/x?a=%ani%#%ani%'),
      query: [{ params: points({ p: 'from', q: 'ani', r: 'prompt_responses', s: '__proto__' }) }],
      headers: [{ name: 'x-a', value: text('%ani% %prompt_responses% %caller_id%') }],
      body: template('json', '{"a": "%ani%", "b": %prompt_responses%, "c": "x%caller_id%"}'),
    }),
    CATALOG_NAMES,
  )
  if (compiled.kind === 'refused') throw new Error(JSON.stringify(compiled.issues))
  return compiled.render
})()

function expectSendable(data: DataPoints): void {
  const request = render({ data, context: data })
  if (request.kind === 'invalid') {
    expectDetail(request.detail)
    return
  }
  expect(request.path).toMatch(/^[!-~]+$/)
  expect(request.headers.every((each) => /^[\t -~\u0080-\u00ff]*$/.test(each))).toBe(true)
  expect(request.body?.isWellFormed()).toBe(true)
  JSON.parse(request.body ?? '')
}

function expectEvent(result: EventResult): void {
  if (result.kind === 'refused') {
    expectDetail(result.detail)
    return
  }
  const { id, source, type, subject, account, time, traceparent, data } = result.event
  for (const [each, limit] of [
    [id, 1024],
    [source, 1024],
    [type, 255],
  ] as const) {
    expectLine(each, limit)
  }
  if (subject !== '') expectLine(subject, 1024)
  expectLine(account, 200)
  expect(account).not.toBe('beta')
  if (time !== '') expect(Number.isNaN(Date.parse(time.replace(/:60(?=\D|$)/, ':59').replace(' ', 'T')))).toBe(false)
  if (traceparent !== '') expect(traceparent).toMatch(/^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/)
  expectPlain(data)
  expectSendable(data)
}

describe('mutant requests', () => {
  const head = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...HEADS) },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.constantFrom(...HEADS), mutantOf(FIELDS)).map(([fields, damaged]) => {
        const names = Object.keys(fields)
        return { ...fields, [names[damaged.length % names.length] ?? '']: damaged.toString('latin1') }
      }),
    },
  )
  const query = fc.oneof(
    { weight: 3, arbitrary: fc.constant('') },
    { weight: 1, arbitrary: mutantOf(EVENTS.slice(-2)).map((bytes) => bytes.toString('latin1')) },
  )

  test('give events that keep every rule, or are refused', () => {
    let events = 0
    fuzz(fc.record({ head, query, body: mutantOf(EVENTS) }), ({ head: headers, query: target, body }) => {
      let replaced = 0
      const onReplaced = (count: number): void => {
        replaced += count
      }
      const carriage = readCarriage(
        { headers: { ...headers, 'content-length': '1' }, query: target },
        DEFAULT_LIMITS,
        onReplaced,
      )
      if (carriage.kind === 'problem') return expectDetail(carriage.detail)
      const result = readSingle(body, carriage, RULES, DEFAULT_LIMITS)
      if (result.kind === 'event') events += 1
      expectEvent(result)
      expect(replaced).toBeGreaterThanOrEqual(0)
      return undefined
    })
    expect(events).toBeGreaterThan(0)
  })

  test('by GET give events that keep every rule, or are refused', () => {
    fuzz(mutantOf(EVENTS.slice(-2)), (bytes) => {
      expectEvent(
        readQueryEvent(bytes.toString('latin1'), { ...RULES, defaultType: 'call' }, DEFAULT_LIMITS, () => undefined),
      )
    })
  })

  test('in batches are split in order, and each part is read alone', () => {
    fuzz(fc.tuple(mutantOf(EVENTS.slice(0, -2)), fc.nat(20)), ([bytes, limit]) => {
      for (const splitter of [splitLines(bytes, limit), splitArray(bytes, limit)]) {
        const split = drive(splitter)
        if (split.kind === 'malformed') expectLine(split.detail, DETAIL_LIMIT)
        if (split.kind !== 'pieces') continue
        expect(split.pieces.length).toBeLessThanOrEqual(limit)
        let last = 0
        for (const { start, end } of split.pieces) {
          expect(start >= last && end > start && end <= bytes.length).toBe(true)
          last = end
          const carriage = readCarriage(
            { headers: { 'content-type': 'application/json' }, query: '' },
            DEFAULT_LIMITS,
            () => undefined,
          )
          if (carriage.kind === 'carriage')
            expectEvent(readSingle(bytes.subarray(start, end), carriage, RULES, DEFAULT_LIMITS))
        }
      }
    })
  })

  test('compressed become a body within the limit, or are refused', async () => {
    const zipped = EVENTS.map((event) => gzipSync(event))
    const mutant = mutantOf(zipped)
    const results = fc.sample(mutant, { numRuns: 300, seed: 7 }).map(async (bytes) => {
      const inflated = await inflateBody(bytes, 'gzip', 300)
      if (inflated.kind === 'body') expect(inflated.bytes.length).toBeLessThanOrEqual(300)
      if (inflated.kind === 'malformed') expectLine(inflated.detail, DETAIL_LIMIT)
      return inflated.kind
    })
    expect(new Set(await Promise.all(results))).toEqual(new Set(['body', 'too-large', 'malformed']))
  })
})

describe('mutant fields', () => {
  test('mean something or nothing', () => {
    fuzz(mutantOf(FIELDS), (bytes) => {
      const field = bytes.toString('latin1')
      const { essence, charset } = readContentType(field)
      expect(essence + charset).toBe((essence + charset).toLowerCase())
      expect(['a/b', 'c/d']).toContain(preferredType(field, ['a/b', 'c/d']))
      const wait = waitSeconds(field)
      if (wait !== undefined) expect(Number.isSafeInteger(wait) && wait >= 1).toBe(true)
      expect([undefined, 'identity', 'gzip', 'deflate', 'br']).toContain(readCoding(field))
    })
  })

  test('of authorization let nobody in who has not the secret', () => {
    const secret = 's3cret-of-a-switch'
    const token = { name: 'switch', secret, may: ['send'], accounts: 'all' } as const
    let isIn = 0
    fuzz(mutantText(authorizations(secret)), (field) => {
      // Each guess from another place, since who guesses too much is let wait.
      const answer = compileAccess([token])(field, '192.0.2.1', 'send')
      if ('kind' in answer) return expect(['unauthorized', 'rate-limited']).toContain(answer.name)
      isIn += 1
      const [, scheme = '', credentials = ''] = /^(\w+) +(\S+) *$/.exec(field) ?? []
      const given =
        scheme.toLowerCase() === 'bearer'
          ? credentials
          : Buffer.from(credentials, 'base64')
              .toString()
              .replace(/^[^:]*:/, '')
      expect(given).toBe(secret)
      return undefined
    })
    expect(isIn).toBeGreaterThan(0)
  })
})

function drive(splitter: Splitter) {
  for (;;) {
    const step = splitter.next()
    if (step.done === true) return step.value
  }
}
