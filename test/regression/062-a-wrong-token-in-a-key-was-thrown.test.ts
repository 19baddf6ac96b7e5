/**
 * A key of a JSON format with a token in it was read as JSON, the token as well. What stood between the braces of one that names no
 * variable need not be JSON - a control character, a backslash - and then the whole configuration was not refused but threw.
 */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${tokens} are what is tested
import { describe, expect, test } from 'vitest'
import { body, issues, template } from '../compile/rendering.ts'
import { mistakesIn } from '../config/check.ts'

const dollar = (format: string) => ({ body: template('json', format, { syntax: 'dollar' }) })

describe('a key with', () => {
  test.each([
    ['a control character in a token', '{"${\u0001a}": 1}'],
    ['a backslash in a token', '{"${a\\x}": 1}'],
    ['half an escape in a token', '{"${a\\u12}": 1}'],
    ['a token that is never closed', '{"${a\\": 1}'],
    ['a tab in a token', '{"a${\t}b": {"c": 1}}'],
  ])('%s is refused with its place', (_what, format) => {
    expect(issues(dollar(format))).toEqual([
      expect.stringMatching(/^body 1:\d+ .*names no variable|has no closing brace/s),
    ])
  })

  test('a token that is right is refused as before, and a key without one is read', () => {
    expect(issues(dollar('{"${a}": 1, "${a}": 2}'))).toEqual([
      'body 1:3 a token can stand in a value only, not in a key',
      'body 1:13 the key "${a}" stands twice in this object',
      'body 1:14 a token can stand in a value only, not in a key',
    ])
    expect(issues(dollar('{"\\u0061": 1, "a": 2}'))).toEqual(['body 1:15 the key "a" stands twice in this object'])
    expect(body(template('json', '{"a\\n": "${b}"}', { syntax: 'dollar' }), { b: 'c' })).toBe('{"a\\n": "c"}')
  })
})

test('a configuration with such a key is refused', () => {
  const yaml = `webhooks: [{ id: w, profile: vcc-live-ivr, method: POST, contentType: json, url: "https://h.example/", body: '{"\${a\\x}": 1}' }]`
  expect(mistakesIn(yaml)).toEqual([expect.stringContaining('webhooks.0.body: token ${a\\x} names no variable')])
})
