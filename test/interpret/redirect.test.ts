/** Wix Answers: a GUID redirects, an empty answer disconnects, anything else is backup. */
import { describe, expect, test } from 'vitest'
import { interpretAnswer } from '../../src/interpret/interpret-answer.ts'
import type { Decision } from '../../src/model/decision.ts'
import { answerOf } from './answers.ts'

const GUID = '5a9e9d0d-6d65-4494-ad7e-0ee7bc7aa064'

function decide(body: string, contentType = '', status = 200): Decision {
  return interpretAnswer({ kind: 'redirect' }, answerOf(body, contentType, status), [200])
}

describe('the example server of the document', () => {
  test('res.send with a GUID redirects', () => {
    expect(decide(GUID, 'text/html; charset=utf-8')).toEqual({ kind: 'redirect', ivr: GUID })
  })

  test('res.send without anything disconnects', () => {
    expect(decide('')).toEqual({ kind: 'disconnect' })
  })
})

describe('a GUID', () => {
  test.each([
    { body: GUID, contentType: '' },
    { body: GUID, contentType: 'application/json' },
    { body: ` \r\n${GUID}\n`, contentType: 'text/plain' },
    { body: `\uFEFF${GUID}`, contentType: 'text/plain' },
    { body: `"${GUID}"`, contentType: 'application/json; charset=utf-8' },
    { body: ` "${GUID}"\n`, contentType: 'Text/JSON' },
  ])('$body as $contentType redirects', ({ body, contentType }) => {
    expect(decide(body, contentType)).toEqual({ kind: 'redirect', ivr: GUID })
  })

  test('keeps its spelling', () => {
    expect(decide(GUID.toUpperCase())).toEqual({ kind: 'redirect', ivr: GUID.toUpperCase() })
  })
})

describe('an empty answer', () => {
  test.each([
    { body: '', status: 200 },
    { body: '', status: 204 },
    { body: ' \r\n', status: 200 },
    { body: '\uFEFF', status: 200 },
  ])('disconnects: %j', ({ body, status }) => {
    expect(decide(body, 'application/json', status)).toEqual({ kind: 'disconnect' })
  })
})

describe('anything else', () => {
  test.each([
    { body: `{${GUID}}`, contentType: '' },
    { body: `"${GUID}"`, contentType: 'text/html' },
    { body: `"${GUID}`, contentType: 'application/json' },
    { body: `""${GUID}""`, contentType: 'application/json' },
    { body: '""', contentType: 'application/json' },
    { body: 'null', contentType: 'application/json' },
    { body: GUID.replaceAll('-', ''), contentType: '' },
    { body: GUID.slice(1), contentType: '' },
    { body: `${GUID}0`, contentType: '' },
    { body: GUID.replace('5', 'g'), contentType: '' },
    { body: `${GUID} ${GUID}`, contentType: '' },
    { body: '<html>Bad gateway</html>', contentType: 'text/html' },
  ])('$body as $contentType is an invalid response', ({ body, contentType }) => {
    expect(decide(body, contentType)).toMatchObject({
      kind: 'backup',
      reason: 'invalid-response',
      detail: expect.stringContaining("the body is neither empty nor an IVR's GUID: "),
    })
  })

  test('204 has no room for a GUID', () => {
    expect(decide(GUID, '', 204)).toEqual({
      kind: 'backup',
      reason: 'invalid-response',
      detail: `the server answered 204 with a body: "${GUID}"`,
    })
  })

  test.each([201, 202, 203, 206, 302, 404, 500])('status %i is not success', (status) => {
    expect(decide(GUID, '', status)).toEqual({
      kind: 'backup',
      reason: 'status',
      detail: `the server answered ${status}`,
    })
  })
})
