/** Values that try to break out of where they stand, for property tests. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${tokens} are what is tested
import fc from 'fast-check'
import type { DataValue } from '../../src/model/data.ts'

const FRAGMENTS = [
  '"',
  "'",
  '\\',
  ']]>',
  ']]',
  ']',
  '>',
  '<',
  '<a>',
  '</a>',
  '<!--',
  '-->',
  '&',
  '&amp;',
  '=',
  '%',
  '%41',
  '%ani%',
  '${ani}',
  '../',
  '..',
  '.',
  '%2e',
  '/',
  '?',
  '#',
  '+',
  ' ',
  '\r\n',
  '\r',
  '\n',
  '\t',
  '\0',
  '\u0001',
  '\u007f',
  '\u0085',
  '\u2028',
  '\ufeff',
  '\ufffe',
  '\uffff',
  '\ud800',
  '\udc00',
  '😀',
  'é',
  'x',
  '1',
  ',',
  ':',
  '{',
  '}',
  '[',
  '\\u0022',
  '&#0;',
  '<![CDATA[',
]

/** Any text: ordinary words, every UTF-16 unit, lone surrogates, and the syntax of every format. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom(...FRAGMENTS),
      fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
      fc.integer({ min: 0, max: 0x7f }).map((unit) => String.fromCharCode(unit)),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''))

/** Any value that JSON can carry, with hostile texts and keys. */
export const hostileValue: fc.Arbitrary<DataValue> = fc.letrec<{ value: DataValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    hostileText,
    fc.constantFrom(null, true, false, 0, -0, 1.5, 1e21, -3e-7, Number.MAX_SAFE_INTEGER),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(hostileText, tie('value'), { maxKeys: 3 }),
  ),
})).value

/** What UTF-8 makes of a text: lone surrogates are U+FFFD. */
export function asUtf8(text: string): string {
  return text.toWellFormed()
}
