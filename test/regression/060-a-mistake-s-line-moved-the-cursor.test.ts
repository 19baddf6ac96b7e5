/**
 * A mistake in a configuration repeats what stands there, control characters as well: the line that `check` writes could colour the
 * terminal, go back over what stood before it, or be several lines of the log. It is one line, with a dot for each of them.
 */
import { expect, test } from 'vitest'
import { mistakesIn } from '../config/check.ts'

const webhook = (url: string) => `webhooks: [{ id: w, profile: custom, url: "${url}" }]`

test.each([
  ['an escape', webhook('http://\\u001b[2Jh.example/'), /"·\[2Jh\.example" is no host/],
  ['a line break', webhook('http://a\\nb.example:x/'), /"a·b\.example:x" is no host/],
  ['a control character of Latin-1', webhook('http://\\u009b31mh.example/'), /"·31mh\.example" is no host/],
  ['a key with a backspace', '"list\\ben": {}', /list·en/],
])('%s is shown as a dot', (_what, text, expected) => {
  const mistakes = mistakesIn(text)
  expect(mistakes.join('|')).toMatch(expected)
  expect(mistakes.join('|')).not.toMatch(/\p{Cc}/u)
})
