/** Spoken answers: what counts as HTML, what stays as it is, and when there is nothing to say. */
import { describe, expect, test } from 'vitest'
import { interpretAnswer } from '../../src/interpret/interpret-answer.ts'
import type { Decision } from '../../src/model/decision.ts'
import { answerOf, bytes } from './answers.ts'

function decide(body: string | Uint8Array, contentType = ''): Decision {
  return interpretAnswer({ kind: 'message' }, answerOf(body, contentType), [200])
}

describe('HTML or text', () => {
  test.each([
    { contentType: 'text/html', body: '<p>Hello&nbsp;<b>Ann</b></p>', text: 'Hello Ann' },
    { contentType: 'TEXT/HTML; charset=utf-8', body: '<p>Hello</p>\n<p>Ann</p>', text: 'Hello Ann' },
    { contentType: 'application/xhtml+xml', body: '<html><body>Hi<br/>Ann</body></html>', text: 'Hi Ann' },
    { contentType: 'text/html', body: 'no tag at all &amp; spoken', text: 'no tag at all & spoken' },
    { contentType: 'text/plain', body: ' 1 <b> 2 &amp;\n 3 \r\n', text: '1 <b> 2 &amp;\n 3' },
    { contentType: 'application/json', body: '{"a":1}', text: '{"a":1}' },
    { contentType: '', body: ' Press 1 if x < y & z ', text: 'Press 1 if x < y & z' },
    { contentType: '', body: '\n<!DOCTYPE html><title>t</title><p>Hello', text: 'Hello' },
    { contentType: '', body: '<speak>Hello</speak>', text: 'Hello' },
    { contentType: '', body: '<3 from all of us', text: '<3 from all of us' },
  ])('$contentType: $body is spoken as $text', ({ contentType, body, text }) => {
    expect(decide(body, contentType)).toEqual({ kind: 'speak', text })
  })

  test('a windows-1252 answer is spoken with the characters that were meant', () => {
    expect(decide(bytes(0x4f, 0x92, 0x4b, 0x20, 0x80, 0x35), 'text/plain; charset=iso-8859-1')).toEqual({
      kind: 'speak',
      text: 'O’K €5',
    })
  })
})

describe('nothing to say', () => {
  test.each([
    { contentType: 'text/plain', body: '' },
    { contentType: 'text/plain', body: ' \r\n\t\u00a0' },
    { contentType: 'text/plain', body: '\uFEFF\u200B\u0000' },
    { contentType: 'text/html', body: '<html><head><title>Only a title</title></head><body></body></html>' },
    { contentType: 'text/html', body: '&nbsp;&#8203;<br>' },
    { contentType: '', body: '<!-- nothing -->' },
  ])('$contentType: $body is an invalid response', ({ contentType, body }) => {
    expect(decide(body, contentType)).toEqual({
      kind: 'backup',
      reason: 'invalid-response',
      detail: 'the answer has nothing to say',
    })
  })

  test('bytes that are no text are not spoken', () => {
    expect(decide(bytes(0xff, 0xd8, 0xff, 0xe0), 'image/jpeg')).toEqual({
      kind: 'backup',
      reason: 'invalid-response',
      detail: 'the body is not valid utf-8',
    })
  })
})
