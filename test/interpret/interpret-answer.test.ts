/** Judging an answer: which statuses count for which kind, the size limit, and that every answer whatever gives a decision. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { interpretAnswer } from '../../src/interpret/interpret-answer.ts'
import { ANSWER_LIMIT_BYTES, type AnswerSpec } from '../../src/model/answer.ts'
import { type Decision, REASONS } from '../../src/model/decision.ts'
import { answerOf } from './answers.ts'

const SPECS: readonly AnswerSpec[] = [
  { kind: 'message' },
  { kind: 'next-action' },
  { kind: 'variables' },
  { kind: 'variables', setVariable: 'answer' },
  { kind: 'redirect' },
  { kind: 'status' },
  { kind: 'ignored' },
]

/** For each kind a body that it takes. */
const GOOD_BODIES: Readonly<Record<AnswerSpec['kind'], string>> = {
  message: 'Hello',
  'next-action': '<action><app>hangup</app></action>',
  variables: 'x',
  redirect: '5a9e9d0d-6d65-4494-ad7e-0ee7bc7aa064',
  status: 'whatever',
  ignored: 'whatever',
}

function statusDecision(status: number): Decision {
  return { kind: 'backup', reason: 'status', detail: `the server answered ${status}` }
}

function decide(spec: AnswerSpec, status: number, successCodes: readonly number[]): Decision {
  return interpretAnswer(spec, answerOf(GOOD_BODIES[spec.kind], 'text/plain', status), successCodes)
}

describe('status', () => {
  test.each(['message', 'next-action', 'status'] as const)('%s: the webhook’s success codes count', (kind) => {
    expect(decide({ kind }, 200, [200, 202]).kind).not.toBe('backup')
    expect(decide({ kind }, 202, [200, 202]).kind).not.toBe('backup')
    expect(decide({ kind }, 201, [200, 202])).toEqual(statusDecision(201))
    expect(decide({ kind }, 200, [202])).toEqual(statusDecision(200))
    expect(decide({ kind }, 302, [200, 202])).toEqual(statusDecision(302))
    expect(decide({ kind }, 503, [200, 202])).toEqual(statusDecision(503))
  })

  test('variables: 200 alone is success, whatever the webhook says', () => {
    const spec: AnswerSpec = { kind: 'variables', setVariable: 'v' }
    expect(decide(spec, 200, [202])).toEqual({ kind: 'set-variables', variables: { v: 'x' } })
    for (const status of [201, 202, 204, 302, 404, 500])
      expect(decide(spec, status, [status])).toEqual(statusDecision(status))
  })

  test('ignored: the call continues whatever was answered', () => {
    for (const status of [200, 204, 302, 404, 500])
      expect(decide({ kind: 'ignored' }, status, [200])).toEqual({ kind: 'continue' })
  })

  test('status: the call continues, whatever the body', () => {
    const answer = answerOf(Uint8Array.of(0xff, 0xfe, 0xff), 'text/plain; charset=klingon')
    expect(interpretAnswer({ kind: 'status' }, answer, [200])).toEqual({ kind: 'continue' })
  })
})

describe('size', () => {
  const largest = 'x'.repeat(ANSWER_LIMIT_BYTES)

  test('65,536 bytes are read', () => {
    expect(interpretAnswer({ kind: 'message' }, answerOf(largest, 'text/plain'), [200])).toEqual({
      kind: 'speak',
      text: largest,
    })
  })

  test.each(['message', 'next-action', 'variables', 'redirect'] as const)('%s: one byte more is too large', (kind) => {
    expect(interpretAnswer({ kind }, answerOf(`${largest}x`, 'text/plain'), [200])).toEqual({
      kind: 'backup',
      reason: 'response-too-large',
      detail: 'the body has more than 65536 bytes',
    })
  })

  test.each(['status', 'ignored'] as const)('%s: the body does not matter', (kind) => {
    expect(interpretAnswer({ kind }, answerOf(`${largest}x`), [200])).toEqual({ kind: 'continue' })
  })
})

describe('any answer', () => {
  const contentType = fc.oneof(
    fc.constantFrom(
      '',
      'text/html',
      'application/json',
      'text/x-ini',
      'text/plain',
      'application/xhtml+xml',
      'text/xml',
    ),
    fc.constantFrom(
      'text/html; charset=utf-16',
      'application/json;charset=latin1',
      'a; charset=gb18030',
      'a; charset=x',
    ),
    fc.string(),
  )
  const fragments = fc.constantFrom(
    ...[
      '<action>',
      '</action>',
      '<app>',
      'ivr',
      'findme',
      '</app>',
      '<parameters>',
      '</parameters>',
      '<id>',
      '1',
      '</id>',
      '<p_t>',
    ],
    ...[
      '{',
      '}',
      '"a"',
      ':',
      ',',
      '[',
      ']',
      '=',
      '\n',
      ';',
      '&',
      '&amp;',
      '&#',
      '<',
      '>',
      '<!--',
      '<![CDATA[',
      ']]>',
      '<script>',
      '"',
    ],
  )
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.string({ unit: 'binary' }).map((text) => new TextEncoder().encode(text)),
    fc.array(fragments, { maxLength: 40 }).map((parts) => new TextEncoder().encode(parts.join(''))),
  )

  test('gives a decision, and a backup has a reason of the list and one line of detail', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SPECS),
        body,
        contentType,
        fc.constantFrom(200, 204, 500),
        (spec, bytes, type, status) => {
          const decision = interpretAnswer(spec, { status, contentType: type, body: bytes }, [200])
          expect(JSON.parse(JSON.stringify(decision))).toEqual(decision)
          if (decision.kind !== 'backup') return
          expect(REASONS).toContain(decision.reason)
          expect(decision.detail).toMatch(/^[^\r\n]{1,400}$/)
        },
      ),
      { numRuns: 5000 },
    )
  })
})
