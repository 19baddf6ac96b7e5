/** Header fields: what may stand in them, and what becomes of values. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${tokens} are what is tested
import { describe, expect, test } from 'vitest'
import type { DataValue } from '../../src/model/data.ts'
import type { HeaderSpec, TokenSyntax } from '../../src/model/request-spec.ts'
import { issues, rendered, text } from './rendering.ts'

function header(name: string, value: string, syntax: TokenSyntax = 'percent'): HeaderSpec {
  return { name, value: text(value, syntax) }
}

describe('a header value', () => {
  test.each<[written: string, ani: DataValue, sent: string]>([
    ['phone', 'x', 'phone'],
    [' phone\t', 'x', 'phone'],
    ['a\tb', 'x', 'a\tb'],
    ['from %ani%', '777', 'from 777'],
    ['%ani%', 'a\r\nX-Evil: 1\0', 'a  X-Evil: 1'],
    ['%ani%', '\r\n', ''],
    ['%ani%;%ani%', ' a\u007f', 'a ; a'],
    ['é %ani%', '€', '\u00c3\u00a9 \u00e2\u0082\u00ac'],
    ['%ani%', '\u00a0', '\u00c2\u00a0'],
    ['%ani%', '\ud800', '\u00ef\u00bf\u00bd'],
    ['%ani%', { a: 'b\n' }, '{"a":"b\\n"}'],
    ['%ani%', null, ''],
    ['100% %responses%', 1, '100%'],
  ])('%j with %j is sent as %j', (written, ani, sent) => {
    expect(rendered({ headers: [header('x-a', written)] }, { ani }).headers).toEqual(['x-a', sent])
  })

  test('is filled in for every call anew, in the order written, with lower-case names', () => {
    const headers = [header('X-A', '%ani%'), header('x-b', 'b'), header('x-c', '${c}', 'dollar')]
    expect(rendered({ headers }, { ani: 1, c: 2 }).headers).toEqual(['x-a', '1', 'x-b', 'b', 'x-c', '2'])
    expect(rendered({ headers }, { ani: 3 }).headers).toEqual(['x-a', '3', 'x-b', 'b', 'x-c', ''])
  })
})

describe('a header is refused', () => {
  const name = "letters, digits and !#$%&'*+-.^_`|~ may stand in it"
  test.each<[header: HeaderSpec, issues: string[]]>([
    [header('x:a', ''), [`headers.x:a 1:2 the name of a header has ":": ${name}`]],
    [header('x a', ''), [`headers.x a 1:2 the name of a header has a space: ${name}`]],
    [header('é', ''), [`headers.é 1:1 the name of a header has "é": ${name}`]],
    [header('', 'x'), [`headers. 1:1 the name of a header is empty: ${name}`]],
    [
      header('x-a', 'a\r\nb'),
      [
        "headers.x-a 1:2 U+000D can't be sent in a header: write it on one line",
        "headers.x-a 1:3 U+000A can't be sent in a header: write it on one line",
      ],
    ],
    [header('x-a', '\u007f'), ["headers.x-a 1:1 U+007F can't be sent in a header: write it on one line"]],
    [header('x-a', 'b %anii%'), ['headers.x-a 1:3 unknown token %anii%: did you mean %ani%?']],
    [
      header('x-a', '%ani%', 'none'),
      ["headers.x-a 1:1 %ani% is not filled in here: this header's value is sent as it is"],
    ],
  ])('%j', (spec, expected) => {
    expect(issues({ headers: [spec] })).toEqual(expected)
  })

  test('but not for any of the names that RFC 9110 allows', () => {
    expect(issues({ headers: [header("!#$%&'*+-.^_`|~az09", 'x')] })).toEqual([])
  })
})
