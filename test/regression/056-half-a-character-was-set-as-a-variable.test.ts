/**
 * JSON can write half of a surrogate pair, which is no character: a variable was set to it, and with it the decision and all that was
 * made of the call's context held text that UTF-8 can't carry and databases refuse. What no one can have meant is refused.
 */
import { expect, test } from 'vitest'
import { interpretAnswer } from '../../src/interpret/interpret-answer.ts'
import { answerOf } from '../interpret/answers.ts'

const decide = (body: string) => interpretAnswer({ kind: 'variables' }, answerOf(body, 'application/json'), [200])

test.each(['{"a":"\\ud83d"}', '{"a":"x\\ude00"}', '{"a":{"b":"\\ude00\\ud83d"}}'])('%s sets nothing', (body) => {
  expect(decide(body)).toMatchObject({
    kind: 'backup',
    reason: 'invalid-response',
    detail: expect.stringMatching(/^the value of "a(?:_b)?" holds half a character$/),
  })
})

test('a name with half a character is told without it', () => {
  expect(decide('{"\\ud83d":1}')).toMatchObject({
    detail: 'the name "\ufffd" is not made of a-z, 0-9 and _, or begins with a digit',
  })
})

test('both halves together are a character', () => {
  expect(decide('{"a":"\\ud83d\\ude00"}')).toEqual({ kind: 'set-variables', variables: { a: '😀' } })
})
