/**
 * VCC Live disregards the response to what is sent on hang-up, so that `setVariable` beside `sendOnHangup: true` sets nothing. It was
 * taken without a word; `check` warns of it, and it stays allowed.
 */
import { expect, test } from 'vitest'
import { warningsIn } from '../config/check.ts'

const warnings = (keys: string) =>
  warningsIn(
    [
      'auth: { tokens: [ { name: a, secret: { env: TOKEN }, may: [send] } ] }',
      `webhooks: [ { id: a, profile: vcc-live-ivr, url: "https://x/", ${keys} } ]`,
    ].join('\n'),
  )

test('a variable of a webhook that is sent on hang-up is told of', () => {
  expect(warnings('sendOnHangup: true, setVariable: note')).toEqual([
    'f:2:84 webhooks.0.setVariable: is never set: the answer to what is sent on hang-up is disregarded; leave it out',
  ])
})

test.each(['sendOnHangup: true', 'setVariable: note', 'sendOnHangup: false, setVariable: note'])(
  '%s is right',
  (keys) => {
    expect(warnings(keys)).toEqual([])
  },
)
