/**
 * Answers whose bodies attack whoever reads them, through the whole engine: charsets, XML, JSON, x-ini, GUIDs and HTML. A body is
 * read exactly or refused; what a call is told is never half of it, nor another text than the server meant.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AnswerWorld, type HostileAnswer, type Reading, refused, startAnswers, withBody } from './answers-world.ts'

type Body = string | readonly number[]
type Row = readonly [name: string, body: Body, contentType: string, decision: HostileAnswer['decision']]

const speaks = (text: string): HostileAnswer['decision'] => ({ kind: 'speak', text })
const invalid = (detail: RegExp): HostileAnswer['decision'] => refused('invalid-response', detail)
const sets = (variables: object): HostileAnswer['decision'] => ({ kind: 'set-variables', variables })

const utf16 = (text: string, order: 'le' | 'be'): readonly number[] => {
  const bytes = Buffer.from(text, 'utf16le')
  return [...(order === 'le' ? bytes : bytes.swap16())]
}

const CHARSETS: readonly Row[] = [
  ['windows-1252 by its name', [0x80, 0x20, 0xe9, 0x93], 'text/plain; charset=windows-1252', speaks('€ é“')],
  ['latin1, which means windows-1252', [0x80, 0xe9], 'text/plain; charset=ISO-8859-1', speaks('€é')],
  ['windows-1252 without a name', [0x66, 0xe9], 'text/plain', invalid(/not valid utf-8/)],
  [
    'windows-1252 named by a meta element',
    [...Buffer.from('<meta charset="windows-1252"><p>'), 0xe9],
    'text/html',
    speaks('é'),
  ],
  ['UTF-16LE by its mark', [0xff, 0xfe, ...utf16('é😀', 'le')], 'text/plain', speaks('é😀')],
  ['UTF-16BE by its mark', [0xfe, 0xff, ...utf16('é😀', 'be')], 'text/plain', speaks('é😀')],
  [
    'UTF-16 by its mark against another name',
    [0xff, 0xfe, ...utf16('é', 'le')],
    'text/plain; charset=utf-8',
    speaks('é'),
  ],
  ['UTF-16LE by its name', [...utf16('é', 'le')], 'text/plain; charset=utf-16le', speaks('é')],
  ['UTF-16 with half a character', [0xff, 0xfe, 0x41, 0, 0x42], 'text/plain', invalid(/not valid utf-16le/)],
  ['UTF-16 with half a pair', [0xff, 0xfe, 0x3d, 0xd8], 'text/plain', invalid(/not valid utf-16le/)],
  ['UTF-32LE by its mark', [0xff, 0xfe, 0, 0, 0x41, 0, 0, 0], 'text/plain', invalid(/UTF-32/)],
  ['UTF-32BE by its mark', [0, 0, 0xfe, 0xff, 0, 0, 0, 0x41], 'text/plain', invalid(/not valid utf-8/)],
  [
    'UTF-8 by its mark against another name',
    [0xef, 0xbb, 0xbf, 0xc3, 0xa9],
    'text/plain; charset=windows-1252',
    speaks('é'),
  ],
  ['a byte that is never UTF-8', [0x66, 0xff], 'text/plain', invalid(/not valid utf-8/)],
  ['UTF-8 that ends within a character', [0x66, 0xe2, 0x82], 'text/plain', invalid(/not valid utf-8/)],
  ['a continuation alone', [0x66, 0x80], 'text/plain', invalid(/not valid utf-8/)],
  ['an overlong slash', [0xc0, 0xaf], 'text/plain', invalid(/not valid utf-8/)],
  ['an overlong NUL', [0x66, 0xc0, 0x80], 'text/plain', invalid(/not valid utf-8/)],
  ['half a surrogate pair in UTF-8', [0xed, 0xa0, 0x80], 'text/plain', invalid(/not valid utf-8/)],
  ['a character beyond U+10FFFF', [0xf4, 0x90, 0x80, 0x80], 'text/plain', invalid(/not valid utf-8/)],
  ['a charset that nobody knows', 'fine', 'text/plain; charset=klingon', invalid(/"klingon" is not known/)],
  [
    'UTF-7, in which ASCII means something else',
    '+ADw-script+AD4-',
    'text/html; charset=utf-7',
    invalid(/"utf-7" is not known/),
  ],
  ['a charset that browsers refuse', 'fine', 'text/html; charset=iso-2022-kr', invalid(/not known/)],
  [
    'a charset of 10,000 characters',
    'fine',
    `text/plain; charset=${'x'.repeat(10_000)}`,
    invalid(/^the charset "x{40}…" is not known$/),
  ],
  ['Shift_JIS with half a character', [0x81], 'text/plain; charset=shift_jis', invalid(/not valid shift_jis/)],
  ['NUL and nothing else', [0, 0, 0], 'text/plain', invalid(/nothing to say/)],
  ['direction marks and nothing else', '\u202e\u200b\ufeff', 'text/plain', invalid(/nothing to say/)],
]

const HTML: readonly Row[] = [
  ['a script and nothing else', '<script>alert(1)</script>', 'text/html', invalid(/nothing to say/)],
  ['a script that hides its end', '<script>"</scrip"+"t>"</script >fine', 'text/html', speaks('fine')],
  ['a comment that hides its end', '<!-- --!>fine<!-->', 'text/html', speaks('fine')],
  ['a tag that never ends', 'fine<a href="', 'text/html', speaks('fine')],
  [
    'a style, a title and a frame',
    '<title>x</title><style>y</style><iframe>z</iframe>fine',
    'text/html',
    speaks('fine'),
  ],
  ['an entity that would be markup', '&lt;script&gt;', 'text/html', speaks('<script>')],
  ['entities of no character', '&#0;&#x110000;&#xd800;', 'text/html', speaks('\ufffd\ufffd\ufffd')],
  ['a number without end', `&#${'9'.repeat(60_000)};`, 'text/html', speaks('\ufffd')],
  ['64 KiB of the beginnings of tags', '<a '.repeat(21_000), 'text/html', invalid(/nothing to say/)],
  ['64 KiB of quotation marks in a tag', `<a b=${'"'.repeat(60_000)}`, 'text/html', invalid(/nothing to say/)],
  ['20,000 open elements of HTML', `${'<b>'.repeat(20_000)}fine`, 'text/html', speaks('fine')],
]

const action = (inner: string): string => `<action><app>hangup</app>${inner}</action>`
const notXml = (detail: RegExp): HostileAnswer['decision'] =>
  invalid(new RegExp(`^the body is not well-formed XML, line \\d+: .*${detail.source}`))
const HANGUP = { kind: 'next-action', app: 'hangup', parameters: {} }

const LAUGHS = Array.from({ length: 9 }, (_, level) => `<!ENTITY l${level + 1} "${`&l${level};`.repeat(10)}">`).join('')

const XML: readonly Row[] = [
  ['a DOCTYPE', `<!DOCTYPE action>${action('')}`, '', notXml(/a DOCTYPE is not accepted/)],
  ['a doctype in small letters', `<!doctype action>${action('')}`, '', notXml(/a DOCTYPE is not accepted/)],
  ['a billion laughs', `<!DOCTYPE a [<!ENTITY l0 "lol">${LAUGHS}]>${action('&l9;')}`, '', notXml(/DOCTYPE/)],
  [
    'an entity that is a file',
    `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>${action('&x;')}`,
    '',
    notXml(/DOCTYPE/),
  ],
  [
    'an entity that is a URL',
    `<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1/">%x;]>${action('')}`,
    '',
    notXml(/DOCTYPE/),
  ],
  [
    'a DOCTYPE that is no more than a name elsewhere',
    `<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd">${action('')}`,
    '',
    notXml(/DOCTYPE/),
  ],
  ['a DOCTYPE inside', action('<!DOCTYPE a>'), '', notXml(/DOCTYPE/)],
  [
    'an entity declaration inside',
    action('<!ENTITY x "y">'),
    '',
    notXml(/begins neither a comment nor a CDATA section/),
  ],
  ['an entity that nobody declared', action('<p_t>&xxe;</p_t>'), '', notXml(/does not know &xxe;/)],
  ['an entity of HTML', action('<p_t>&nbsp;</p_t>'), '', notXml(/does not know &nbsp;/)],
  ['a reference to NUL', action('<p_t>&#0;</p_t>'), '', notXml(/does not know &#0;/)],
  ['a reference beyond all characters', action(`<p_t>&#x${'f'.repeat(1000)};</p_t>`), '', notXml(/does not know/)],
  ['NUL itself', action('<p_t>\0</p_t>'), '', notXml(/a character that XML does not allow/)],
  [
    'an include, which is an element like others',
    action('<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>'),
    '',
    HANGUP,
  ],
  ['a style sheet, which is not fetched', `<?xml-stylesheet href="http://127.0.0.1/"?>${action('')}`, '', HANGUP],
  ['20,000 open elements', '<a>'.repeat(20_000), '', notXml(/<a> is never closed/)],
  ['7,000 levels, all closed', action(`${'<a>'.repeat(7000)}${'</a>'.repeat(7000)}`), '', HANGUP],
  [
    '6,000 attributes',
    action(`<a${Array.from({ length: 6000 }, (_, index) => ` a${index}=""`).join('')}/>`),
    '',
    HANGUP,
  ],
  [
    'an attribute twice, 6,000 apart',
    action(`<a${Array.from({ length: 6000 }, (_, index) => ` a${index}=""`).join('')} a0=""/>`),
    '',
    notXml(/has the attribute a0 twice/),
  ],
  ['an attribute of 60,000 characters', action(`<a b="${'c'.repeat(60_000)}"/>`), '', HANGUP],
  ['4,600 references in attributes', action('<a b="&amp;"/>'.repeat(4600)), '', HANGUP],
  [
    'a name of 60,000 characters',
    `<${'a'.repeat(60_000)}/>`,
    '',
    invalid(/^the root element is <a{40}…>, not <action>$/),
  ],
  ['an element called __proto__', action('<__proto__><polluted>1</polluted></__proto__>'), '', HANGUP],
  ['two roots', action('') + action(''), '', notXml(/second root element/)],
  ['text behind the root', `${action('')}rubbish`, '', notXml(/text outside the root/)],
  ['two apps', '<action><app>hangup</app><app>ivr</app></action>', '', invalid(/<app> stands more than once/)],
  [
    'an app of 60,000 characters',
    `<action><app>${'x'.repeat(60_000)}</app></action>`,
    '',
    invalid(/the app "x{40}…" is not one of/),
  ],
  ['the end of a CDATA section in text', action('<p_t>]]></p_t>'), '', notXml(/]]> must not stand in text/)],
  ['a CDATA section that never ends', action('<![CDATA['), '', notXml(/CDATA section is never closed/)],
  ['a comment with hyphens inside', action('<!-- a -- b -->'), '', notXml(/-- must not stand in a comment/)],
  ['elements that overlap', '<action><a><b></a></b></action>', '', notXml(/<\/a> stands where <\/b> was expected/)],
  [
    'a declaration that lies about the charset',
    [...Buffer.from('<?xml version="1.0" encoding="UTF-8"?><action>'), 0xe9],
    '',
    invalid(/not valid utf-8/),
  ],
  [
    'markup of HTML',
    '<html><body><p>Error<br></body></html>',
    'text/html',
    notXml(/<\/body> stands where <\/br> was expected/),
  ],
]

const JSON_TYPE = 'application/json'
const notJson = (detail: RegExp): HostileAnswer['decision'] =>
  invalid(new RegExp(`^the body is not usable JSON: line \\d+, column \\d+: .*${detail.source}`))

const VARIABLES: readonly Row[] = [
  ['30,000 open arrays', '['.repeat(30_000), JSON_TYPE, notJson(/nested deeper than 3 levels/)],
  ['10,000 open objects', '{"a":'.repeat(10_000), JSON_TYPE, notJson(/nested deeper than 3 levels/)],
  ['a name twice', '{"a":1,"a":2}', JSON_TYPE, notJson(/the name "a" stands twice/)],
  ['a name twice, once in escapes', '{"a":1,"\\u0061":2}', JSON_TYPE, notJson(/the name "a" stands twice/)],
  ['two ways to one name', '{"a_b":1,"a":{"b":2}}', JSON_TYPE, invalid(/"a_b" is set twice/)],
  ['__proto__ with members', '{"__proto__":{"polluted":1}}', JSON_TYPE, sets({ __proto___polluted: 1 })],
  [
    'constructor and prototype',
    '{"constructor":{"prototype":{"polluted":1}}}',
    JSON_TYPE,
    sets({ constructor_prototype_polluted: 1 }),
  ],
  ['a system variable', '{"uuid":"x"}', JSON_TYPE, invalid(/uuid is a system variable/)],
  [
    'a system variable in pieces',
    '{"vccsys":{"shortid":"x"}}',
    JSON_TYPE,
    invalid(/vccsys_shortid is a system variable/),
  ],
  ['a name with a line break', '{"a\\nb":1}', JSON_TYPE, invalid(/"a b" is not made of a-z/)],
  ['a line break in a string', '{"a":"\n"}', JSON_TYPE, notJson(/control character in a string/)],
  ['NaN', '{"a":NaN}', JSON_TYPE, notJson(/a value was expected/)],
  ['a number too large for any', '{"a":1e999}', JSON_TYPE, sets({ a: '1e999' })],
  ['an integer of 60,000 digits', `{"a":${'9'.repeat(60_000)}}`, JSON_TYPE, invalid(/longer than 256 characters/)],
  ['an integer beyond 2^53', '{"a":9007199254740993}', JSON_TYPE, sets({ a: '9007199254740993' })],
  ['a comment', '{"a":1/**/}', JSON_TYPE, notJson(/a comma or } was expected/)],
  ['a comma too many', '{"a":1,}', JSON_TYPE, notJson(/a member name in double quotes/)],
  ['a second value', '{}{}', JSON_TYPE, notJson(/nothing may follow/)],
  ['JSON behind a guard', ")]}',\n{}", JSON_TYPE, notJson(/a value was expected/)],
  ['a text that is never closed', `{"a":"${'x'.repeat(60_000)}`, JSON_TYPE, notJson(/never closed/)],
  ['null', 'null', JSON_TYPE, invalid(/the JSON body is null, not an object/)],
  ['nothing', '', JSON_TYPE, notJson(/a value was expected/)],
  [
    '5,000 members',
    `{${Array.from({ length: 5000 }, (_, index) => `"a${index}":1`).join()}}`,
    JSON_TYPE,
    invalid(/more than 100 variables/),
  ],
  ['a section of ini', '[a]\nb=c', 'text/x-ini', invalid(/line 1 is not key=value/)],
  ['ini with __proto__', '__proto__=x', 'text/x-ini', sets(JSON.parse('{"__proto__":"x"}'))],
  ['ini with a name twice', 'a=1\na=2', 'text/x-ini', invalid(/line 2: "a" is set twice/)],
  ['60,000 empty lines of ini', '\n'.repeat(60_000), 'text/x-ini', sets({})],
]

const REDIRECTS: readonly Row[] = [
  [
    'two GUIDs',
    '5a9e9d0d-0000-4000-8000-000000000001 5a9e9d0d-0000-4000-8000-000000000002',
    '',
    invalid(/neither empty nor an IVR's GUID/),
  ],
  ['a GUID with a path', '5a9e9d0d-0000-4000-8000-000000000001/../x', '', invalid(/neither empty/)],
  ['a GUID with a line of its own', '5a9e9d0d-0000-4000-8000-000000000001\r\nx: y', '', invalid(/neither empty/)],
  ['a GUID in full-width digits', '５a9e9d0d-0000-4000-8000-000000000001', '', invalid(/neither empty/)],
  ['NUL', [0], '', invalid(/neither empty/)],
  ['a page of HTML', '<html>', 'text/html', invalid(/neither empty/)],
]

const GROUPS: readonly (readonly [what: string, reading: Reading, rows: readonly Row[]])[] = [
  ['A text', 'message', CHARSETS],
  ['HTML', 'message', HTML],
  ['XML', 'next-action', XML],
  ['A set of variables', 'variables', VARIABLES],
  ['A redirect', 'redirect', REDIRECTS],
]

let answers: AnswerWorld
const unhandled: unknown[] = []
const onUnhandled = (reason: unknown): void => void unhandled.push(reason)

beforeAll(async () => {
  process.on('unhandledRejection', onUnhandled)
  answers = await startAnswers()
})

afterAll(async () => {
  await answers[Symbol.asyncDispose]()
  process.off('unhandledRejection', onUnhandled)
})

describe.each(GROUPS)('%s', (_, reading, rows) => {
  test.each(rows)('is read exactly or refused: %s', async (name, body, contentType, decision) => {
    const bytes = typeof body === 'string' ? body : Uint8Array.from(body)
    expect(await answers.decide({ name, reading, answer: withBody(bytes, contentType), decision })).toEqual(decision)
    await answers.recovers()
  })
})

test('After all of them no prototype has a member more, and nothing was thrown or logged as an error', () => {
  expect(Reflect.get({}, 'polluted')).toBeUndefined()
  expect(unhandled).toEqual([])
  expect(answers.errors).toEqual([])
})
