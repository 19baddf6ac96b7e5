/**
 * Mutants of what operators and the API's callers write: formats of templates, URLs, whole configurations, quantities, waits, ids and
 * cursors. What is taken works whatever the data; what is refused is refused with its place, in one line.
 */
import fc from 'fast-check'
import { SaxesParser } from 'saxes'
import { describe, expect, test } from 'vitest'
import { CATALOG_NAMES } from '../../src/catalog/catalog.ts'
import { compileRequest } from '../../src/compile/compile-request.ts'
import { extractFields } from '../../src/compile/extract-fields.ts'
import { formatIssue } from '../../src/config/issues.ts'
import { parseConfig } from '../../src/config/load.ts'
import { parseDuration, parseRate, parseSize } from '../../src/config/units.ts'
import { isStoryCursor } from '../../src/engine/calls/call-story.ts'
import type { RequestSpec, TemplateIssue } from '../../src/model/request-spec.ts'
import { idOfPlace, parsePlace } from '../../src/outbox/embedded/records/keys.ts'
import { parseRetryAfterMs, RETRY_AFTER_LIMIT_MS } from '../../src/policy/retry-after.ts'
import { compileNumberMatch } from '../../src/policy/telephone-number.ts'
import { hostileValue } from '../compile/hostile.ts'
import { requestSpec, template, text } from '../compile/rendering.ts'
import {
  configurations,
  IDS,
  JSON_FORMATS,
  QUANTITIES,
  RETRY_AFTERS,
  TEXT_FORMATS,
  URLS,
  XML_FORMATS,
} from './corpus.ts'
import { expectDetail, expectLine, fuzz, mutantText } from './mutants.ts'

const MESSAGE_LIMIT = 2000

/** Data points that the formats name, all of them hostile. */
const data = fc.dictionary(
  fc.constantFrom(
    'ani',
    'ani_last_name',
    'repeat_caller',
    'prompt_responses',
    'callid',
    'source',
    'answered_time',
    'rec_audiourl',
  ),
  hostileValue,
  { maxKeys: 4 },
)
const syntax = fc.constantFrom('percent', 'dollar')

function expectPlaces(format: string, issues: readonly Pick<TemplateIssue, 'line' | 'column' | 'message'>[]): void {
  const lines = format.split(/\r\n|\r|\n/).length
  for (const { line, column, message } of issues) {
    expectDetail(message)
    if (!(line >= 1 && line <= lines && column >= 1)) throw new Error(`there is no line ${line}, column ${column}`)
  }
}

/** Compiles, renders twice, and gives what is sent; undefined where it was refused. */
function sent(parts: Partial<RequestSpec>, points: Parameters<typeof rendering>[1], format: string) {
  const compiled = compileRequest(requestSpec(parts), CATALOG_NAMES)
  if (compiled.kind === 'compiled') return rendering(compiled.render, points)
  expect(compiled.issues).not.toEqual([])
  expectPlaces(format, compiled.issues)
  return undefined
}

function rendering(
  render: Extract<ReturnType<typeof compileRequest>, { kind: 'compiled' }>['render'],
  points: Parameters<typeof render>[0]['data'],
) {
  const request = render({ data: points, context: {} })
  expect(render({ data: points, context: {} })).toEqual(request)
  if (request.kind === 'request') return request
  expectDetail(request.detail)
  return undefined
}

describe('mutant formats', () => {
  test('of JSON give JSON, whatever the data', () => {
    let count = 0
    fuzz(fc.tuple(mutantText(JSON_FORMATS), syntax, data), ([format, tokens, points]) => {
      const request = sent({ body: template('json', format, { syntax: tokens }) }, points, format)
      if (request === undefined) return
      count += 1
      JSON.parse(request.body ?? '')
      expect(request.body?.isWellFormed()).toBe(true)
    })
    expect(count).toBeGreaterThan(0)
  })

  test('of XML give XML, whatever the data', () => {
    let count = 0
    fuzz(fc.tuple(mutantText(XML_FORMATS), syntax, data), ([format, tokens, points]) => {
      const request = sent({ body: template('xml', format, { syntax: tokens }) }, points, format)
      if (request === undefined) return
      count += 1
      const parser = new SaxesParser()
      parser.on('error', (error) => {
        throw new Error(`${error.message} in ${JSON.stringify(request.body)}`)
      })
      parser.write(request.body ?? '').close()
    })
    expect(count).toBeGreaterThan(0)
  })

  test('of text and forms are sent whole', () => {
    fuzz(
      fc.tuple(mutantText(TEXT_FORMATS), fc.constantFrom('text', 'form'), syntax, data),
      ([format, type, tokens, points]) => {
        const request = sent({ body: template(type, format, { syntax: tokens }) }, points, format)
        if (request !== undefined) expect(request.body?.isWellFormed()).toBe(true)
      },
    )
  })

  test('give their fields, or the place of what is wrong', () => {
    const format = fc.oneof(
      mutantText(JSON_FORMATS).map((each) => ['json', each] as const),
      mutantText(XML_FORMATS).map((each) => ['xml', each] as const),
    )
    fuzz(format, ([type, each]) => {
      const extracted = extractFields(type, each)
      if (extracted.kind === 'refused') expectPlaces(each, extracted.issues)
      else expect(new Set(extracted.fields.map(({ path }) => path)).size).toBe(extracted.fields.length)
    })
  })
})

test('mutant URLs are refused, or lead to the host that is written in them, whatever the data', () => {
  fuzz(fc.tuple(mutantText(URLS), syntax, data), ([url, tokens, points]) => {
    const request = sent({ url: text(url, tokens) }, points, url)
    if (request === undefined) return
    expect(request.path).toMatch(/^\/[!-~]*$/)
    expect(new URL(`https://h.example${request.path}`).origin).toBe('https://h.example')
    for (const each of request.headers) expect(each).toMatch(/^[\t -~\u0080-\u00ff]*$/)
  })
})

test('mutant configurations are loaded or refused, with the place of each mistake', () => {
  let loaded = 0
  const environment = { SWITCH_TOKEN: 's3cret', ALL: 'all' }
  fuzz(
    mutantText(configurations()),
    (file) => {
      const result = parseConfig(file, 'switchhook.yaml', environment)
      if (result.kind === 'loaded') loaded += 1
      else expect(result.issues).not.toEqual([])
      for (const issue of [...(result.kind === 'refused' ? result.issues : []), ...result.warnings]) {
        expectPlaces(file, [issue])
        expectLine(formatIssue(issue), MESSAGE_LIMIT)
      }
    },
    1 / 20,
  )
  expect(loaded).toBeGreaterThan(0)
})

describe('mutant values', () => {
  test('of durations, sizes and rates are quantities, or told what would be right', () => {
    fuzz(mutantText(QUANTITIES), (each) => {
      for (const [parse, isWhole] of [
        [parseDuration, true],
        [parseSize, true],
        [parseRate, false],
      ] as const) {
        const read = parse(each)
        if (read.kind === 'refused') expect(read.message.isWellFormed() && read.message !== '').toBe(true)
        else
          expect(read.value >= 0 && Number.isFinite(read.value) && (!isWhole || Number.isSafeInteger(read.value))).toBe(
            true,
          )
      }
    })
  })

  test('of Retry-After are a wait within the limit, or nothing', () => {
    const nowMs = Date.UTC(2026, 10, 21)
    fuzz(mutantText(RETRY_AFTERS), (field) => {
      const waitMs = parseRetryAfterMs(field, nowMs)
      if (waitMs !== undefined) expect(waitMs >= 0 && waitMs <= RETRY_AFTER_LIMIT_MS).toBe(true)
    })
  })

  test('of ids and cursors are a place, or none', () => {
    fuzz(mutantText([...IDS, ...IDS.map((id) => `${id}.${id}`)]), (id) => {
      const place = parsePlace(id)
      if (place !== undefined) expect(idOfPlace(place)).toBe(id)
      if (isStoryCursor(id)) expect(id).toMatch(/^[0-9a-z.-]+$/)
    })
  })

  test('of telephone numbers match what they are, or are none', () => {
    fuzz(mutantText(['+1 (800) 555-0001', '8005550001', '0049.30/123456']), (number) => {
      const isNumber = compileNumberMatch(number)
      if (isNumber !== undefined) expect(typeof isNumber(number)).toBe('boolean')
    })
  })
})
