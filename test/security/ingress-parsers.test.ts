/** The parsers of the ingress against anything: none throws, each ends in time, and what it takes is what it says. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readCharset, utf8Decoder } from '../../src/ingress/body/charset.ts'
import { pairsToData, percentDecode, readPairs } from '../../src/ingress/body/form.ts'
import { readCoding } from '../../src/ingress/body/inflate.ts'
import { parseJson } from '../../src/ingress/body/json-text.ts'
import { preferredType, readContentType } from '../../src/ingress/body/media-type.ts'
import { attributesOfHeaders, hasAttributeHeaders } from '../../src/ingress/events/binary-mode.ts'
import type { EventRules } from '../../src/ingress/events/event-attributes.ts'
import { readCarriage, readQueryEvent, readSingle } from '../../src/ingress/events/event-reader.ts'
import { type Splitter, splitArray, splitLines } from '../../src/ingress/events/split-batch.ts'
import { checkHead } from '../../src/ingress/http/request-head.ts'
import { DEFAULT_LIMITS } from '../../src/ingress/limits.ts'
import { waitSeconds } from '../../src/ingress/webhooks/prefer.ts'

const RUNS = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 1500), seed: Number(process.env['FUZZ_SEED'] ?? 20_190_328) }
const decode = utf8Decoder(() => undefined)
const RULES: EventRules = { accountFor: (given) => given ?? 'default', defaultType: undefined, traceparent: undefined }

/** Texts made of what parsers look for. */
const spiced = (...parts: readonly string[]) =>
  fc
    .array(fc.oneof(fc.constantFrom(...parts), fc.string({ maxLength: 4, unit: 'binary' })), { maxLength: 60 })
    .map((each) => each.join(''))
const json = fc.oneof(
  spiced(
    '{',
    '}',
    '[',
    ']',
    '"',
    ':',
    ',',
    '\\',
    '\\u00',
    '1',
    '-',
    'e9',
    '.',
    'true',
    'null',
    ' ',
    '\n',
    '"__proto__"',
    '"type":"t"',
    '"data":',
  ),
  fc.json({ maxDepth: 5 }),
  fc.json().chain((text) => fc.nat(text.length).map((at) => text.slice(0, at) + text.slice(at + 1))),
)
const form = spiced('&', '=', '.', '+', '%', '%4', '%C3', '%A9', '__proto__', 'a', '0', '1', 'type', 'subject')
const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 200 }).map((each) => Buffer.from(each)),
  json.map((text) => Buffer.from(text)),
  form.map((text) => Buffer.from(text, 'latin1')),
)

describe('JSON', () => {
  test('is taken exactly where the platform takes it, but for depth, and names that stand twice', () => {
    fc.assert(
      fc.property(json, (text) => {
        const read = parseJson(text, DEFAULT_LIMITS.json)
        const plain = plainJson(text)
        if (read.kind === 'value') expect(JSON.stringify(plain)).toBeDefined()
        else if (plain !== undefined) expect(read.detail).toMatch(/stands twice|nests deeper/)
      }),
      RUNS,
    )
  })

  test('with a name twice is never taken', () => {
    const name = fc.oneof(fc.constantFrom('a', '__proto__', '"', '\\', ':', '}'), fc.string({ unit: 'binary' }))
    fc.assert(
      fc.property(name, fc.jsonValue(), fc.jsonValue(), fc.nat(5), (key, first, second, depth) => {
        const own = JSON.stringify(key)
        const object = `{"${'k'}${key.length}":0,${own}:${JSON.stringify(first)},${own}:${JSON.stringify(second)}}`
        const text = '['.repeat(depth) + object + ']'.repeat(depth)
        const read = parseJson(text, DEFAULT_LIMITS.json)
        expect(read.kind).toBe('malformed')
        if (read.kind === 'malformed') expect(read.detail).toContain('stands twice')
      }),
      RUNS,
    )
  })

  test('of distinct names is always taken as it is', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const text = JSON.stringify(value)
        const read = parseJson(text, DEFAULT_LIMITS.json)
        if (/\d{16}|e\+?\d{3}/.test(text)) return
        expect(read).toEqual({ kind: 'value', value: JSON.parse(text) })
      }),
      RUNS,
    )
  })
})

describe('every other parser', () => {
  test('takes any bytes without throwing, and ends', () => {
    fc.assert(
      fc.property(anyBytes, fc.nat(20), (bytes, limit) => {
        for (const splitter of [splitLines(bytes, limit), splitArray(bytes, limit)]) {
          const split = drive(splitter)
          if (split.kind !== 'pieces') continue
          expect(split.pieces.length).toBeLessThanOrEqual(limit)
          let last = 0
          for (const { start, end } of split.pieces) {
            expect(start).toBeGreaterThanOrEqual(last)
            expect(end).toBeGreaterThan(start)
            expect(end).toBeLessThanOrEqual(bytes.length)
            last = end
          }
        }
        expect(typeof percentDecode(bytes.toString('latin1'), decode)).toBe('string')
      }),
      RUNS,
    )
  })

  test('makes data of any parameters, or says why not', () => {
    fc.assert(
      fc.property(form, (text) => {
        const read = readPairs(text, decode, 20)
        if (read.kind === 'refused') return expect(read.detail).toMatch(/more than 20 parameters/)
        expect(read.pairs.length).toBeLessThanOrEqual(20)
        const data = pairsToData(read.pairs, 8)
        if (data.kind === 'data') expect(Object.getPrototypeOf(data.data)).toBe(Object.prototype)
        else expect(data.detail).not.toBe('')
        return undefined
      }),
      RUNS,
    )
  })

  const label = fc.oneof(
    fc.constantFrom(
      'utf-8',
      'UTF8',
      'utf-16le',
      'utf-16',
      'windows-1252',
      'iso-2022-jp',
      'gb18030',
      'replacement',
      'x-user-defined',
      '',
      'hz-gb-2312',
    ),
    fc.string({ maxLength: 12 }),
  )
  test('decodes any bytes in any charset', () => {
    fc.assert(
      fc.property(label, anyBytes, (name, bytes) => {
        let replaced = 0
        const charset = readCharset(name, (count) => {
          replaced += count
        })
        if (charset === undefined) return
        expect(charset.decode(bytes).isWellFormed()).toBe(true)
        expect(replaced).toBeGreaterThanOrEqual(0)
      }),
      RUNS,
    )
  })

  const field = fc.oneof(
    spiced(
      ';',
      ',',
      '=',
      '"',
      '/',
      '*',
      'q=',
      '0.5',
      '1',
      'charset',
      'application',
      'json',
      'wait',
      'gzip',
      ' ',
      '\t',
      '%',
      '\\',
    ),
    fc.constantFrom('application/json', 'application/json; charset="utf-8"', '*/*', 'wait=3', 'wait="3"', 'gzip'),
  )
  test('reads any header field', () => {
    fc.assert(
      fc.property(field, (value) => {
        const { essence, charset } = readContentType(value)
        expect(essence).toBe(essence.toLowerCase())
        expect(charset).toBe(charset.toLowerCase())
        expect(['a/b', 'c/d']).toContain(preferredType(value, ['a/b', 'c/d']))
        const wait = waitSeconds(value)
        if (wait !== undefined) expect(Number.isInteger(wait) && wait >= 1).toBe(true)
        expect([undefined, 'identity', 'gzip', 'deflate', 'br']).toContain(readCoding(value))
      }),
      RUNS,
    )
  })

  const names = fc.constantFrom(
    'ce-id',
    'ce-type',
    'ce-source',
    'ce-subject',
    'ce-time',
    'ce-__proto__',
    'content-type',
    'content-encoding',
    'content-length',
    'transfer-encoding',
    'host',
    'traceparent',
  )
  const headers = fc.dictionary(names, field, { maxKeys: 6 })
  test('makes an event of any head and body, or says why not', () => {
    fc.assert(
      fc.property(headers, form, anyBytes, (fields, query, body) => {
        hasAttributeHeaders(fields)
        attributesOfHeaders(fields, decode)
        const carriage = readCarriage({ headers: fields, query }, DEFAULT_LIMITS, () => undefined)
        const results = [readQueryEvent(query, RULES, DEFAULT_LIMITS, () => undefined)]
        if (carriage.kind === 'carriage') results.push(readSingle(body, carriage, RULES, DEFAULT_LIMITS))
        for (const result of results) {
          if (result.kind === 'event') expect(result.event.type).not.toBe('')
          else expect(result.detail).not.toBe('')
        }
      }),
      RUNS,
    )
  })

  test('judges any head', () => {
    const version = fc.constantFrom('1.1', '1.0', '2.0', '0.9', '')
    const raw = fc.array(fc.tuple(fc.oneof(names, fc.constant('Host')), field), { maxLength: 120 })
    fc.assert(
      fc.property(headers, raw, version, form, (fields, pairs, httpVersion, url) => {
        const found = checkHead({ headers: fields, rawHeaders: pairs.flat(), httpVersion, url }, DEFAULT_LIMITS)
        if (pairs.length > DEFAULT_LIMITS.headerFields) expect(found).toBeDefined()
        if (found !== undefined) expect(found.headers).toEqual({ connection: 'close' })
      }),
      RUNS,
    )
  })
})

function plainJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function drive(splitter: Splitter) {
  for (;;) {
    const step = splitter.next()
    if (step.done === true) return step.value
  }
}
