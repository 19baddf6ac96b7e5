/**
 * A mistake is shown with its line, and `check` showed whatever else stands there: a token in the place of `{ env: NAME }`, which
 * is the mistake itself, or a credential beside it. No secret of a configuration is shown, and the caret stays where it points.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { HIDDEN, withoutSecretValues } from '../../src/cli/secret-values.ts'
import { runCommand } from '../cli/run-command.ts'

const SECRET = 'Zq81xKpl'

/** What texts that are almost YAML are made of. */
const PIECES = [
  'secret: ',
  'a: ',
  'a',
  '- ',
  '{',
  '}',
  '[',
  ']',
  ',',
  '"',
  "'",
  '|\n',
  '\n',
  '\r\n',
  '  ',
  '#',
  '&a ',
  '*a',
  '😀',
  '?',
  '!!str ',
]

/** `#` for each hidden character. */
function shown(text: string): string {
  return withoutSecretValues(text).replaceAll(HIDDEN, '#')
}

describe('hidden in a configuration is', () => {
  test.each([
    ['a number', '{ secret: 8392, may: [send] }', '{ secret: ####, may: [send] }'],
    [
      'each of a list',
      'signing:\n  secrets:\n    - ab\n    - { env: X }\n',
      'signing:\n  secrets:\n    - ##\n    - { env: X }\n',
    ],
    ['a text in quotes', '{ secret: "a\\"b", b: 1 }', '{ secret: ######, b: 1 }'],
    ['a block', 'secret: |\n  ab\n  c\nurl: x', 'secret: #\n####\n###\nurl: x'],
    ['what an alias stands for', 'x: &s ab\nsecret: *s', 'x: &s ##\nsecret: *s'],
    ['a credential header', '[{ name: X-Api-Key, value: ab }]', '[{ name: X-Api-Key, value: ## }]'],
    ['a header of a map', 'headers: { Authorization: Bearer ab, A: b }', 'headers: { Authorization: #########, A: b }'],
    ['a literal beside a reference', '{ value: { env: X, secret: ab } }', '{ value: { env: X, secret: ## } }'],
    ['a key of TLS', 'tls: { key: ab, cert: { file: c } }', 'tls: { key: ##, cert: { file: c } }'],
    ['what comes before broken YAML', '- { id: a, secret: ab, url: "x }', '- { id: a, secret: ##, url: "x }'],
    ['what comes behind it', 'a: [\nsecret: ab', 'a: [\nsecret: ##'],
    ['JSON', '{"apiSecret": "ab", "tokens": "percent"}', '{"apiSecret": ####, "tokens": "percent"}'],
  ])('%s', (_what, text, expected) => {
    expect(shown(text)).toBe(expected)
  })

  test('nothing else: every text keeps its lines and columns', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...PIECES)).map((pieces) => pieces.join('')),
        (text) => {
          const hidden = withoutSecretValues(text)
          expect(hidden).toHaveLength(text.length)
          expect([...text].every((_, index) => [text[index], HIDDEN].includes(hidden[index]))).toBe(true)
        },
      ),
    )
    const plain =
      'webhooks:\n  - { id: crm, url: https://h/, tokens: percent, headers: [ { name: X-Source, value: phone } ] }\n'
    expect(withoutSecretValues(plain)).toBe(plain)
  })
})

test('check points at a secret that it does not show', async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'switchhook-hidden-'))
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }))
  writeFileSync(join(cwd, 'a.yaml'), `auth: { tokens: [ { name: a, secret: ${SECRET}, may: [sendd] } ] }`)
  const { status, stdout, stderr } = await runCommand(['check', 'a.yaml'], { cwd })
  expect(status).toBe(2)
  expect(stdout + stderr).not.toContain(SECRET)
  const lines = stderr.split('\n')
  expect(lines[1]).toBe('   1 | auth: { tokens: [ { name: a, secret: [masked], may: [sendd] } ] }')
  expect(lines[2]).toBe(`     | ${' '.repeat('auth: { tokens: [ { name: a, secret: '.length)}^`)
  // The caret of the next one moves with what stands for the secret.
  expect(lines[4]?.slice(lines[5]?.indexOf('^'))).toMatch(/^sendd/)
})
