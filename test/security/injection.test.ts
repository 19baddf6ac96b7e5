/**
 * Values that callers and customers choose can't leave their place: whatever stands in them, a strict server finds one request with
 * the structure that was configured, and the value where it belongs. Compiled, rendered and sent for real, in every format, for
 * alphabets that each attack another grammar.
 */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${tokens} are what is tested
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileRequest } from '../../src/compile/compile-request.ts'
import type { BodySpec } from '../../src/model/request-spec.ts'
import { Transport } from '../../src/transport/transport.ts'
import { points, requestSpec, template, text } from '../compile/rendering.ts'
import { answering, answerOf, exchange, startServer } from '../transport/raw-server.ts'
import { queryOf, type ReceivedRequest, readRequest, readXml, segmentsOf } from './received-request.ts'

/** Pieces that mean something to the grammar that is attacked; a value is any row of them. */
const ALPHABETS: Readonly<Record<string, readonly string[]>> = {
  'line breaks and what follows them': [
    '\r',
    '\n',
    '\r\n',
    '\r\n\r\n',
    'host: evil',
    'x: y',
    'GET / HTTP/1.1',
    'content-length: 0',
    ' ',
    'a',
  ],
  'a second request': [
    '\r\n\r\n',
    'POST /admin HTTP/1.1\r\nhost: h\r\n\r\n',
    '0\r\n\r\n',
    'transfer-encoding: chunked\r\n',
    '5\r\nabcde\r\n',
  ],
  'control characters': [...Array.from({ length: 32 }, (_, code) => String.fromCharCode(code)), '\x7f', 'a'],
  'characters that lose their high byte to become CR, LF, space and colon': [
    '\u010d',
    '\u010a',
    '\u0120',
    '\u013a',
    '\u560a',
    '\u560d',
    '\u{1f40d}\u{1f40a}',
    'a',
  ],
  'other line breaks and marks': ['\u0085', '\u2028', '\u2029', '\u000b', '\u000c', '\ufeff', '\u00a0', '\u202e', 'a'],
  paths: [
    '.',
    '..',
    '/',
    '//',
    '../',
    '/..',
    '%2e',
    '%2e%2e',
    '%2f',
    '%5c',
    '\\',
    '..\\',
    '..;',
    ';',
    'a',
    '%00',
    '%252e',
  ],
  'queries and fragments': ['?', '#', '&', '=', ';', '+', '%26', '%3d', '%23', '[]', '[0]', 'admin=1', ' ', 'a'],
  authorities: ['@', ':', '//', 'evil.example', 'http://', 'javascript:', '\\\\', '[::1]', '%40', '#'],
  JSON: [
    '"',
    '\\',
    '\\"',
    '\\u0022',
    '"}',
    '",',
    '"a":1',
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '\u2028',
    '\ud800',
    'null',
    '/*',
  ],
  XML: [
    '<',
    '>',
    '&',
    '"',
    "'",
    '</a>',
    '<b/>',
    '<!--',
    '-->',
    '<?x?>',
    '<!DOCTYPE a>',
    '&lt;',
    '&#10;',
    '&xxe;',
    ' c="d"',
  ],
  CDATA: [']', ']]', ']]>', ']]]]>', '<![CDATA[', '>', '<a>', '&gt;', ']]&gt;', 'a'],
  'tokens of templates': [
    '%ani%',
    '%',
    '${ani}',
    '$',
    '{',
    '}',
    '%%',
    '{{ani}}',
    '<%= 1 %>',
    '#{1}',
    '%v%',
    '${v}',
    'ani',
  ],
  'broken Unicode': [
    '\ud800',
    '\udc00',
    '\udfff\ud800',
    '\ufffe',
    '\uffff',
    '\ufdd0',
    '\u{10ffff}',
    '\u0301',
    'e\u0301',
    'a',
  ],
  headers: [':', ';', ',', '"', '\\', '(', ')', '=?utf-8?q?x?=', 'identity, gzip', '\t', ' ', '\u00ff', 'é'],
}

const URL_TEXT = 'https://h.example/a/${v}/b${v}c?fixed=1&q=${v}&${v}=n'
const JSON_FORMAT = '{"whole": "${v}", "part": "a${v}b", "bare": ${v}, "list": ["${v}", 1]}'
const XML_FORMAT = '<a b="${v}" c=\'x${v}\'>${v}<d>]${v}]</d><e><![CDATA[${v}]]></e><f><![CDATA[]${v}>]]></f></a>'

interface Format {
  readonly body: BodySpec
  /** Checks the body that came; `value` is what the format can carry of the value. */
  check(body: string, value: string): void
}

const FORMATS: Readonly<Record<string, Format>> = {
  'a form of parameters': {
    body: { kind: 'form', groups: [{ params: points({ first: 'v', 'na me&': 'v' }) }] },
    check: (body, value) => {
      expect(body).toMatch(/^[!-~]*$/)
      expect([...new URLSearchParams(body)]).toEqual([
        ['first', value],
        ['na me&', value],
      ])
    },
  },
  'a form as a template': {
    body: template('form', 'first=${v}&${v}=last', { syntax: 'dollar' }),
    check: (body, value) =>
      expect([...new URLSearchParams(body)]).toEqual([
        ['first', value],
        [value, 'last'],
      ]),
  },
  JSON: {
    body: template('json', JSON_FORMAT, { syntax: 'dollar' }),
    check: (body, value) => {
      const read: unknown = JSON.parse(body, (_, each) => (typeof each === 'string' ? each.toWellFormed() : each))
      expect(read).toEqual({ whole: value, part: `a${value}b`, bare: value, list: [value, 1] })
      // One place a name: what a parser overwrites silently would not be seen above.
      expect(body.match(/(?<!\\)"whole"/g)).toHaveLength(1)
    },
  },
  XML: {
    body: template('xml', XML_FORMAT, { syntax: 'dollar' }),
    check: (body, value) => {
      const element = (name: string, inner: string): readonly string[] => [`<${name}>`, inner, `</${name}>`]
      expect(readXml(body)).toEqual(
        [
          '<a>',
          `@b=${value}`,
          `@c=x${value}`,
          value,
          ...element('d', `]${value}]`),
          ...element('e', value),
          ...element('f', `]${value}>`),
          '</a>',
        ].filter((part) => part !== ''),
      )
    },
  },
  text: {
    body: template('text', 'a${v}b', { syntax: 'dollar' }),
    check: (body, value) => expect(body).toBe(`a${value}b`),
  },
}

/** Requests an alphabet and format; each carries the value in eight places or more. */
const RUNS = 25

/** A server drops those around a value. */
const SPACES_AROUND = /^ +| +$/g

const NAMES = ['content-type', 'x-a', 'x-b']

describe.each(Object.entries(ALPHABETS))('%s', (_, pieces) => {
  const values = fc.array(fc.constantFrom(...pieces), { maxLength: 8 }).map((parts) => parts.join(''))

  test.each(Object.entries(FORMATS))(
    'stay in their place in the path, the query, the fields and %s',
    async (formatName, { body, check }) => {
      await using server = await startServer(answering(answerOf('fine')))
      await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
      const compiled = compileRequest(
        requestSpec({
          url: text(URL_TEXT, 'dollar'),
          query: [{ params: points({ p: 'v' }) }],
          headers: [
            { name: 'X-A', value: text('[${v}]', 'dollar') },
            { name: 'X-B', value: text('${v}', 'dollar') },
          ],
          body,
        }),
        new Set(),
      )
      if (compiled.kind === 'refused') throw new Error(JSON.stringify(compiled.issues))
      await fc.assert(
        fc.asyncProperty(values, async (value) => {
          const rendered = compiled.render({ data: { v: value, ani: 'stolen' }, context: {} })
          if (rendered.kind === 'invalid') {
            expect(['.', '..']).toContain(value)
            return
          }
          const before = server.requests.length
          const { method, path, headers, body: sent } = rendered
          const result = await exchange(transport, server.endpoint, { method, path, headers: [...headers], body: sent })
          expect(result).toMatchObject({ kind: 'answered' })
          expect(server.requests.length).toBe(before + 1)
          const received = readRequest(server.requests[before] ?? '')
          checkHead(received, value.toWellFormed())
          check(received.body, formatName === 'XML' ? carriedByXml(value) : value.toWellFormed())
        }),
        { numRuns: RUNS },
      )
      expect(server.accepted()).toBe(1)
    },
  )
})

function checkHead({ target, fields }: ReceivedRequest, value: string): void {
  expect(segmentsOf(target)).toEqual(['a', value, `b${value}c`])
  expect(queryOf(target)).toEqual([
    ['fixed', '1'],
    ['q', value],
    [value, 'n'],
    ['p', value],
  ])
  const own = fields.filter(([name]) => !['host', 'connection', 'content-length'].includes(name))
  expect(own.map(([name]) => name).toSorted()).toEqual(NAMES)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what becomes a space
  const carried = value.replace(/[\x00-\x1f\x7f]/g, ' ')
  expect(own.find(([name]) => name === 'x-a')?.[1]).toBe(`[${carried}]`)
  expect(own.find(([name]) => name === 'x-b')?.[1].replace(SPACES_AROUND, '')).toBe(carried.replace(SPACES_AROUND, ''))
}

/** What XML 1.0 can't carry is dropped. */
function carriedByXml(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what XML 1.0 can't carry
  return value.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Surrogate}/gu, '')
}
