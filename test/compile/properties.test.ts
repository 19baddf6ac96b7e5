/** Whatever the value, a real parser finds exactly the structure that was configured, and the value as it was. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${tokens} are what is tested
import fc from 'fast-check'
import { SaxesParser } from 'saxes'
import { describe, expect, test } from 'vitest'
import { extractFields } from '../../src/compile/extract-fields.ts'
import type { DataPoints, DataValue } from '../../src/model/data.ts'
import { asUtf8, hostileText, hostileValue } from './hostile.ts'
import { body, outcome, points, rendered, template, text } from './rendering.ts'

/** A value as it stands where nothing can nest. */
function asText(value: DataValue): string {
  if (value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

describe('any value comes back', () => {
  test('from a query, between its neighbours', () => {
    const url = text('https://h.example/x?a=${v}&${v}=b', 'dollar')
    const query = [{ params: points({ c: 'v', d: 'fixed' }) }]
    fc.assert(
      fc.property(hostileValue, (v) => {
        const { path } = rendered({ url, query }, { v, fixed: 1 })
        expect(path).toMatch(/^[!-~]*$/)
        const value = asUtf8(asText(v))
        expect([...new URL(path, 'https://h.example').searchParams]).toEqual([
          ['a', value],
          [value, 'b'],
          ['c', value],
          ['d', '1'],
        ])
      }),
    )
  })

  test('from a path segment, or the request is invalid', () => {
    const url = text('https://h.example/a/${v}/b/x${v}', 'dollar')
    fc.assert(
      fc.property(hostileText, (v) => {
        const request = outcome({ url }, { v })
        if (request.kind === 'invalid') {
          expect(['.', '..']).toContain(v)
          return
        }
        const segments = new URL(request.path, 'https://h.example').pathname.split('/').map(decodeURIComponent)
        expect(segments).toEqual(['', 'a', asUtf8(v), 'b', `x${asUtf8(v)}`])
      }),
    )
  })

  test('from a form, written as URLSearchParams writes it', () => {
    const groups = [{ params: points({ a: 'v', 'b &=+~': 'v' }) }]
    fc.assert(
      fc.property(hostileValue, (v) => {
        const expected = new URLSearchParams([
          ['a', asText(v)],
          ['b &=+~', asText(v)],
        ]).toString()
        expect(rendered({ body: { kind: 'form', groups } }, { v }).body).toBe(expected)
        const typed = template('form', 'a=${v}&b+%26%3D%2B%7E=${v}', { syntax: 'dollar' })
        expect(body(typed, { v })).toBe(expected)
      }),
    )
  })

  test('from JSON, in every place', () => {
    const format = '{"whole": "${v}", "part": "a${v}b${v}", "bare": ${v}, "list": [${v}, "${v}"]}'
    fc.assert(
      fc.property(hostileValue, (v) => {
        // What JSON itself makes of it: a lone surrogate stays, -0 becomes 0.
        const same: unknown = JSON.parse(JSON.stringify(v))
        const whole = typeof v === 'object' && v !== null ? same : asText(v)
        const sent = Buffer.from(body(template('json', format, { syntax: 'dollar' }), { v })).toString()
        expect(JSON.parse(sent)).toEqual({ whole, part: `a${asText(v)}b${asText(v)}`, bare: same, list: [same, whole] })
      }),
    )
  })

  test('from JSON by a field map, and from JSON objects', () => {
    const spec = template('json', '{"a": "x", "b": [1]}', { fields: { a: 'question', b: 'question' } })
    fc.assert(
      fc.property(hostileValue, hostileText, (v, name) => {
        const same: unknown = JSON.parse(JSON.stringify(v))
        const whole = typeof v === 'object' && v !== null ? same : asText(v)
        expect(JSON.parse(body(spec, { question: v }))).toEqual({ a: whole, b: same })
        const members = [{ name, path: 'v' }]
        expect(Object.entries(JSON.parse(body({ kind: 'json-object', members }, { v })))).toEqual([[name, same]])
      }),
    )
  })

  test('from XML text, attributes and CDATA, less what XML drops', () => {
    const format = `<a b="\${v}" c='x\${v}'>\${v}<d>]\${v}]</d><e><![CDATA[\${v}]]></e><f><![CDATA[]\${v}]>\${v}\${v}>]]></f></a>`
    fc.assert(
      fc.property(hostileText, (v) => {
        const value = carriedByXml(v)
        expect(parseXml(body(template('xml', format, { syntax: 'dollar' }), { v }))).toEqual({
          name: 'a',
          attributes: { b: value, c: `x${value}` },
          text: value,
          children: [
            { name: 'd', attributes: {}, text: `]${value}]`, children: [] },
            { name: 'e', attributes: {}, text: value, children: [] },
            { name: 'f', attributes: {}, text: `]${value}]>${value}${value}>`, children: [] },
          ],
        })
      }),
    )
  })

  test('from XML as elements, where it nests', () => {
    fc.assert(
      fc.property(hostileValue, (v) => {
        const root = parseXml(body(template('xml', '<a>%tags%</a>'), { tags: v }))
        expect(root).toEqual(elementOf('a', v))
      }),
    )
  })

  test('from a header, with spaces for control characters', () => {
    fc.assert(
      fc.property(hostileText, (v) => {
        const [name, value = '', ...rest] = rendered(
          { headers: [{ name: 'x-a', value: text('[%ani%]') }] },
          { ani: v },
        ).headers
        expect([name, rest]).toEqual(['x-a', []])
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
        expect(value).not.toMatch(/[\x00-\x1f\x7f]|[^\x00-\xff]/)
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what becomes a space
        expect(Buffer.from(value, 'latin1').toString()).toBe(`[${asUtf8(v).replace(/[\x00-\x1f\x7f]/g, ' ')}]`)
      }),
    )
  })
})

describe('rendering', () => {
  test('changes nothing in the data', () => {
    fc.assert(
      fc.property(hostileValue, (v) => {
        const data: DataPoints = { tags: v, ani: v }
        const before = JSON.stringify(data)
        outcome(
          { body: template('xml', '<a b="%ani%">%tags%</a>'), headers: [{ name: 'x', value: text('%ani%') }] },
          data,
        )
        expect(JSON.stringify(data)).toBe(before)
      }),
    )
  })

  test('of a value nested beyond all measure is invalid', () => {
    let deep: DataValue = 'x'
    for (let depth = 0; depth < 200_000; depth++) deep = [deep]
    for (const spec of [template('json', '"%tags%"'), template('xml', '<a>%tags%</a>'), template('text', '%tags%')]) {
      const result = outcome({ body: spec }, { tags: deep })
      expect(result.kind === 'invalid' && result.detail).toMatch(
        /^a value is nested too deeply or too long to be sent: /,
      )
    }
  })
})

describe('a format is taken exactly when a real parser takes it', () => {
  const pieces = (fragments: readonly string[]) =>
    fc.array(fc.constantFrom(...fragments), { maxLength: 12 }).map((parts) => parts.join(''))

  test('JSON.parse', () => {
    const fragments =
      '{ } [ ] , : "a" "b" "a":1 1 - 0 .5 e5 E+ true null \\n \\u0041 x / \' " \\ \u0001 \ufeff \u00a0'.split(' ')
    const format = pieces([...fragments, ' ', '\n'])
    fc.assert(
      fc.property(
        fc.oneof(
          format,
          format.map((inner) => `[${inner}]`),
          format.map((inner) => `"${inner}"`),
        ),
        (written) => {
          const result = extractFields('json', written)
          if (
            result.kind === 'refused' &&
            result.issues.every(({ message }) => message.endsWith('twice in this object'))
          )
            return
          expect(result.kind === 'fields').toBe(isJson(written))
        },
      ),
      { numRuns: 3000 },
    )
  })

  test('saxes', () => {
    const fragments = [
      ...'<a> </a> <e/> text &amp; &#65; &#0; &x; & ]] ]]> <![CDATA[ x]]> <!-- --> -- <? ?> < > " \' = é \u0001 a 1 : - /'.split(
        ' ',
      ),
      ...[
        '<b c="d">',
        '</b>',
        "<e f='g' />",
        '<?pi x?>',
        '<?pi?>',
        ' ',
        '\n',
        'f="1"',
        '<?xml version="1.0"?>',
        '<!-- c -->',
      ],
    ]
    const format = pieces(fragments)
    fc.assert(
      fc.property(
        fc.oneof(
          format,
          format.map((inner) => `<a>${inner}</a>`),
          format.map((inner) => `<a ${inner}></a>`),
        ),
        (written) => {
          expect(extractFields('xml', written).kind === 'fields').toBe(isXml(written))
        },
      ),
      { numRuns: 3000 },
    )
  })
})

interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  text: string
  readonly children: Element[]
}

/** The root element as the strict parser saxes reads it; throws for what is not well-formed. */
function parseXml(document: string): Element | undefined {
  const parser = new SaxesParser({ fileName: 'body' })
  const open: Element[] = []
  let root: Element | undefined
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', ({ name, attributes }) => {
    const element: Element = { name, attributes: { ...attributes } as Record<string, string>, text: '', children: [] }
    open.at(-1)?.children.push(element)
    root ??= element
    open.push(element)
  })
  const add = (read: string) => {
    const last = open.at(-1)
    if (last !== undefined) last.text += read
  }
  parser.on('text', add)
  parser.on('cdata', add)
  parser.on('closetag', () => {
    open.pop()
  })
  parser.write(document).close()
  return root
}

function isXml(document: string): boolean {
  try {
    return parseXml(document) !== undefined
  } catch {
    return false
  }
}

function isJson(written: string): boolean {
  try {
    JSON.parse(written)
    return true
  } catch {
    return false
  }
}

function carriedByXml(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what XML 1.0 can't carry
  return value.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Surrogate}/gu, '')
}

/** What a nested value is in XML, by the contract's words. */
function elementOf(name: string, value: DataValue): Element {
  if (typeof value !== 'object' || value === null) {
    return { name, attributes: {}, text: carriedByXml(asText(value)), children: [] }
  }
  const members = Array.isArray(value) ? value.map((member) => ['item', member] as const) : Object.entries(value)
  return { name, attributes: {}, text: '', children: members.map(([key, member]) => elementOf(nameOf(key), member)) }
}

function nameOf(key: string): string {
  const letters = [...key].map((letter, index) => {
    const isFirst = /^[A-Za-z_é]$/.test(letter) || (!isAscii(letter) && isXml(`<${letter}/>`))
    const isMore = isFirst || /^[\d.-]$/.test(letter) || (!isAscii(letter) && isXml(`<a${letter}/>`))
    return (index === 0 ? isFirst : isMore) ? letter : '_'
  })
  return letters.join('') || '_'
}

function isAscii(letter: string): boolean {
  return letter.charCodeAt(0) < 0x80
}
