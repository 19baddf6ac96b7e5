/**
 * `custom` takes `successCodes` whatever its answer is. A delivery heeded them; an invoke took 200 alone for `answer: variables`, and
 * 200 and 204 for `answer: redirect`, whatever the webhook said. Both take what the webhook says, and its profile's own by default.
 */
import { expect, test } from 'vitest'
import { interpretAnswer } from '../../src/interpret/interpret-answer.ts'
import type { Decision } from '../../src/model/decision.ts'
import { answerOf } from '../interpret/answers.ts'
import { describeWebhook } from '../profiles/describe.ts'

const GUID = '5a9e9d0d-6d65-4494-ad7e-0ee7bc7aa064'
const REFUSED = 'backup'

/** What an invoke of such a webhook makes of an answer, by the very codes that a delivery of it goes by. */
function decisionOf(profile: string, settings: object, status: number, body: string): Decision {
  const { answer, success } = describeWebhook(profile, { url: 'https://crm.example.com/', ...settings })
  return interpretAnswer(answer, answerOf(body, 'text/plain', status), success === 'any' ? [] : success)
}

test.each([
  ['variables', 200, undefined, 'set-variables'],
  ['variables', 201, undefined, REFUSED],
  ['variables', 204, undefined, REFUSED],
  ['variables', 201, [200, 201], 'set-variables'],
  ['variables', 200, [201], REFUSED],
  ['redirect', 200, undefined, 'redirect'],
  ['redirect', 202, undefined, REFUSED],
  ['redirect', 202, [202], 'redirect'],
  ['redirect', 200, [202], REFUSED],
] as const)('answer: %s, status %i, successCodes %j: %s', (answer, status, successCodes, kind) => {
  const settings = { answer, successCodes, ...(answer === 'variables' && { setVariable: 'note' }) }
  expect(decisionOf('custom', settings, status, GUID).kind).toBe(kind)
})

test.each([
  ['by default', undefined, 'disconnect'],
  ['where the webhook names it', [200, 204], 'disconnect'],
  ['unless the webhook leaves it out', [200], REFUSED],
] as const)('Wix Answers: an empty 204 ends the call %s', (_when, successCodes, kind) => {
  expect(decisionOf('wix-answers-ivr', { successCodes }, 204, '').kind).toBe(kind)
})

test.each([
  [200, 'set-variables'],
  [201, REFUSED],
] as const)('VCC Live: its document takes 200 alone, so that %i gives %s', (status, kind) => {
  expect(decisionOf('vcc-live-ivr', { setVariable: 'note' }, status, 'x').kind).toBe(kind)
})
