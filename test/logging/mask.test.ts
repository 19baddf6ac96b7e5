/** What is taken out of texts before they are logged, and what must stay as it is. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createLog } from '../../src/logging/log.ts'
import { maskNumbers, maskUrls } from '../../src/logging/mask.ts'
import { SecretMask } from '../../src/logging/secret-mask.ts'

describe('user info and query of a URL are taken out', () => {
  test.each([
    ['https://user:pass@example.com/a', 'https://[masked]@example.com/a'],
    ['https://user@example.com', 'https://[masked]@example.com'],
    ['http://u:p@ss@h:8080/x?k=1&l=2#f', 'http://[masked]@h:8080/x?[masked]#f'],
    ['see "https://a.example/p?key=k1" and /leads?key=k2', 'see "https://a.example/p?[masked]" and /leads?[masked]'],
    ['GET /x?a=b HTTP/1.1', 'GET /x?[masked] HTTP/1.1'],
    ['REDIS://:pw@h', 'REDIS://[masked]@h'],
    ['https://[masked]@h/x?[masked]', 'https://[masked]@h/x?[masked]'],
  ])('%s', (text, masked) => expect(maskUrls(text)).toBe(masked))

  test.each(['https://example.com/a/b', 'is it so? yes = no', 'who@example.com', 'a ? b : c', 'really?'])(
    'but %s stays',
    (text) => expect(maskUrls(text)).toBe(text),
  )
})

describe('telephone numbers keep their last two digits', () => {
  test.each([
    ['5551234567', '***67'],
    ['+15551234567', '***67'],
    ['+1 (555) 123-4567', '***67'],
    ['(555) 123 4567', '***67'],
    ['555.123.4567', '***67'],
    ['call from 0049 30 1234567, again', 'call from ***67, again'],
    ['"5551234567"', '"***67"'],
    ['5551234', '***34'],
    ['numbers: 5551234567,5557654321', 'numbers: ***67,***21'],
    ['subject=5551234567', 'subject=***67'],
  ])('%s', (text, masked) => expect(maskNumbers(text)).toBe(masked))

  test.each([
    '2026-11-21',
    '2026-11-21T06:22:32.123Z',
    '127.0.0.1',
    '192.168.100.200',
    'http://127.0.0.1:8080',
    'switchhook.yaml:123:4567',
    '123456',
    '01JQZ3N5X8Y7W6V5T4S3R2Q1P0',
    'd41d8cd98f00b204e9800998ecf8427e',
    '4bf92f35-77b3-4da6-a3ce-929d0e0e4736',
    '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    'line 1, column 12345',
    '12345678901234567890',
  ])('but %s stays', (text) => expect(maskNumbers(text)).toBe(text))
})

function maskSecrets(text: string, secrets: readonly string[]): string {
  const mask = new SecretMask()
  mask.add(secrets)
  return mask.mask(text)
}

describe('a secret is taken out', () => {
  test.each([
    ['as it is', 'token s3cr$t/1 is bad', 'token [masked] is bad'],
    ['as it stands in a URL', '/x/s3cr%24t%2F1', '/x/[masked]'],
    ['as often as it is there', 's3cr$t/1s3cr$t/1', '[masked][masked]'],
  ])('%s', (_name, text, masked) => expect(maskSecrets(text, ['s3cr$t/1'])).toBe(masked))

  test.each([
    ['as it stands in JSON', ['line 1\nline 2'], '{"key":"line 1\\nline 2"}', '{"key":"[masked]"}'],
    [
      'whole, where another is its beginning',
      ['abcdef', 'abcdef-and-more'],
      'x abcdef-and-more abcdef y',
      'x [masked] [masked] y',
    ],
    [
      'whichever it is of those that begin alike',
      ['whsec_AAAAAAAA1', 'whsec_AAAAAAAA2'],
      'whsec_AAAAAAAA2',
      '[masked]',
    ],
    ['at the end', ['abcd', 'abcdefghijklmnop'], '1234abcd', '1234[masked]'],
  ])('%s', (_name, secrets, text, masked) => expect(maskSecrets(text, secrets)).toBe(masked))

  test.each([
    ['abc', 'abc'],
    ['abcd', '[masked]'],
  ])('of four characters at least: %s', (secret, masked) => expect(maskSecrets(secret, [secret])).toBe(masked))
})

/** A log whose lines are kept. */
function keepingLog() {
  const lines: string[] = []
  return { lines, log: createLog({ write: (line) => lines.push(line) }) }
}

describe('a line of the log', () => {
  test('is masked in every field, at every depth, in errors and their causes', () => {
    const { lines, log } = keepingLog()
    log.hide(['very-secret'])
    const cause = new Error('inner very-secret 5551234567')
    const error = Object.assign(new Error('outer http://u:very@h/x?k=v', { cause }), { issues: ['very-secret'] })
    log.error(
      {
        error,
        deep: { list: [{ text: '+1 555 123 4567' }], count: 5_551_234_567 },
        'very-secret': 1,
        password: 'short',
      },
      'failed for very-secret and 5551234567',
    )
    const [line = ''] = lines
    expect(line).not.toMatch(/very-secret|u:very|k=v|5551234567[^,}]|123 4567|short/)
    expect(JSON.parse(line)).toMatchObject({
      level: 50,
      msg: 'failed for [masked] and ***67',
      password: '[masked]',
      deep: { list: [{ text: '***67' }], count: 5_551_234_567 },
      error: {
        type: 'Error',
        message: 'outer http://[masked]@h/x?[masked]',
        issues: ['[masked]'],
        cause: { message: 'inner [masked] ***67', stack: expect.stringContaining('mask.test.ts') },
      },
    })
  })

  test('ends where values hold themselves', () => {
    const { lines, log } = keepingLog()
    const circle: { self?: unknown } = {}
    circle.self = circle
    log.info({ circle }, 'round')
    expect(lines).toHaveLength(1)
  })

  test('never holds a hidden secret, whatever it stands in', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 4, unit: 'grapheme' }).filter((secret) => !'[masked]levelmsgtime***'.includes(secret)),
        fc.array(fc.string()),
        fc.jsonValue(),
        (secret, words, value) => {
          const { lines, log } = keepingLog()
          log.hide([secret])
          log.warn({ [words.join(secret)]: words.join(secret), value }, words.join(secret))
          for (const text of textsIn(JSON.parse(lines[0] ?? '')))
            expect(text.includes(secret) && secret.length > 30).toBe(false)
        },
      ),
      { numRuns: 300, seed: 7 },
    )
  })

  test('is written whatever the text, in time that grows with it', () => {
    const { lines, log } = keepingLog()
    for (const part of ['1 ', '1-', '(1', '+', '?a=', 'http://a:', 'http://@', '1.1.', '%31', '\ud800', 'aB3+']) {
      log.info({}, part.repeat(50_000))
    }
    expect(lines).toHaveLength(11)
  })
})

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) => [name, ...textsIn(member)])
}
