/**
 * Mutants of real answers against every reader of answers: what comes out is a decision of the kinds that the webhook asked for,
 * complete and within every limit of the platforms' documents, or `backup` with a reason; read again, it is the same.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { flattenToForm } from '../../src/ingress/webhooks/flatten.ts'
import { parseContentType } from '../../src/interpret/content-type.ts'
import { interpretAnswer } from '../../src/interpret/interpret-answer.ts'
import type { Answer, AnswerSpec } from '../../src/model/answer.ts'
import { ACTION_APPS, type Decision } from '../../src/model/decision.ts'
import { ACTIONS, CONTENT_TYPES, MESSAGES, REDIRECTS, VARIABLES } from './corpus.ts'
import { expectLine, expectPlain, fuzz, mutantOf, mutantText } from './mutants.ts'

/** Most characters of a detail: a sentence with two excerpts of 40 in it. */
const DETAIL_LIMIT = 400

const CASES: readonly {
  readonly spec: AnswerSpec
  readonly bodies: readonly string[]
  readonly kinds: readonly Decision['kind'][]
}[] = [
  { spec: { kind: 'next-action' }, bodies: ACTIONS, kinds: ['next-action'] },
  { spec: { kind: 'message' }, bodies: MESSAGES, kinds: ['speak'] },
  { spec: { kind: 'variables' }, bodies: VARIABLES, kinds: ['set-variables', 'continue'] },
  { spec: { kind: 'variables', setVariable: 'said' }, bodies: VARIABLES, kinds: ['set-variables'] },
  { spec: { kind: 'redirect' }, bodies: REDIRECTS, kinds: ['redirect', 'disconnect'] },
  { spec: { kind: 'status' }, bodies: MESSAGES, kinds: ['continue'] },
]

/** Mostly whole, so that the body counts; else damaged too. */
const contentType = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...CONTENT_TYPES) },
  { weight: 1, arbitrary: mutantOf(CONTENT_TYPES).map((bytes) => bytes.toString('latin1').slice(0, 8192)) },
)
const status = fc.constantFrom(200, 200, 200, 200, 201, 204, 301, 404, 500)

test.each(CASES)('a mutant answer read as $spec gives a whole decision or backup', ({ spec, bodies, kinds }) => {
  const others = [...ACTIONS, ...MESSAGES, ...VARIABLES, ...REDIRECTS]
  const body = fc.oneof({ weight: 6, arbitrary: mutantOf(bodies) }, { weight: 1, arbitrary: mutantOf(others) })
  const seen = new Set<string>()
  fuzz(fc.record({ body, contentType, status }), (answer) => {
    const decision = interpretAnswer(spec, answer, [200, 201])
    seen.add(decision.kind)
    expectWhole(decision, kinds)
    expect(interpretAnswer(spec, elsewhere(answer), [200, 201])).toEqual(decision)
    // As it is told to switches, both ways.
    expect(JSON.stringify({ decision }).isWellFormed()).toBe(true)
    expect(flattenToForm({ decision })).toMatch(/^[\w*.+&=%-]*$/)
  })
  // Enough is still read for it to mean something.
  expect([...seen].sort()).toEqual([...kinds, 'backup'].sort())
})

test('a mutant content type is read as some type and charset, and never fails', () => {
  fuzz(mutantText(CONTENT_TYPES), (field) => {
    const { mediaType, charset } = parseContentType(field)
    expect(mediaType).toBe(mediaType.trim().toLowerCase())
    expect(charset).not.toMatch(/"/)
  })
})

/** The same bytes within a larger buffer, as sockets hand them out. */
function elsewhere(answer: Answer): Answer {
  const larger = new Uint8Array(answer.body.length + 9).fill(0x3c)
  larger.set(answer.body, 5)
  return { ...answer, body: larger.subarray(5, 5 + answer.body.length) }
}

function expectWhole(decision: Decision, kinds: readonly Decision['kind'][]): void {
  expectPlain(decision)
  if (decision.kind === 'backup') {
    expect(['status', 'invalid-response']).toContain(decision.reason)
    expectLine(decision.detail, DETAIL_LIMIT)
    return
  }
  expect(kinds).toContain(decision.kind)
  switch (decision.kind) {
    case 'speak':
      expect(decision.text).toMatch(/[^\p{White_Space}\p{Cc}\p{Cf}]/u)
      expect(decision.text.isWellFormed()).toBe(true)
      return
    case 'next-action':
      expectAction(decision)
      return
    case 'set-variables':
      expectVariables(decision.variables)
      return
    case 'redirect':
      expect(decision.ivr).toMatch(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i)
      return
    case 'disconnect':
    case 'continue':
      return
  }
}

/** The ranges of the document's table (dialogtech-ivr-webhook). */
const RANGES: Readonly<Record<string, readonly [min: number, max: number]>> = {
  simultaneous: [1, Number.MAX_SAFE_INTEGER],
  record: [0, 1],
  screen_method: [0, 2],
  auto_accept: [0, 3],
  timeout: [20, 60],
  nextaction: [1, 7],
}

function expectAction(action: Extract<Decision, { kind: 'next-action' }>): void {
  expect(ACTION_APPS).toContain(action.app)
  for (const [name, value] of Object.entries(action.parameters)) {
    const [min, max] = RANGES[name] ?? [Number.NaN, Number.NaN]
    if (typeof value === 'number') expect(value >= min && value <= max && Number.isInteger(value)).toBe(true)
    else
      for (const text of [value].flat()) expect(text.trim() === text && text !== '' && text.isWellFormed()).toBe(true)
  }
  const texts = [action.passThrough ?? '', ...Object.values(action.userParameters ?? {})]
  for (const text of texts) expect(text.isWellFormed() && !text.includes('\0')).toBe(true)
  const pairs = Object.entries(action.passThroughValues ?? {})
  if (pairs.length > 0)
    expect(pairs.map((pair) => pair.join('|')).join('||')).toHaveLength(action.passThrough?.length ?? 0)
}

/** The limits of the document (vcc-live-ivr-webhook, "Response Requirements and Limits"). */
function expectVariables(variables: Readonly<Record<string, string | number | boolean>>): void {
  const entries = Object.entries(variables)
  expect(entries.length).toBeLessThanOrEqual(100)
  for (const [name, value] of entries) {
    expect(name).toMatch(/^[a-z_][a-z0-9_]*$/)
    expect(['customer', 'projectid', 'source', 'destination', 'uuid', 'vccsys_shortid']).not.toContain(name)
    expect([...String(value)].length).toBeLessThanOrEqual(256)
    if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true)
    else expect(String(value).isWellFormed()).toBe(true)
  }
}
