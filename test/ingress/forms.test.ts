/** Forms and batches as values: properties that hold whatever comes in. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readCharset, utf8Decoder } from '../../src/ingress/body/charset.ts'
import { pairsToData, percentDecode, readPairs } from '../../src/ingress/body/form.ts'
import { type SplitResult, type Splitter, splitArray, splitLines } from '../../src/ingress/events/split-batch.ts'
import { flattenToForm } from '../../src/ingress/webhooks/flatten.ts'

const decode = utf8Decoder(() => undefined)

function dataOf(form: string): unknown {
  const read = readPairs(form, decode, 2000)
  if (read.kind === 'refused') return read
  const data = pairsToData(read.pairs, 64)
  return data.kind === 'data' ? data.data : data
}

describe('a form', () => {
  test.each([
    ['', {}],
    ['&&', {}],
    ['a', { a: '' }],
    ['a=b=c', { a: 'b=c' }],
    ['=x', { '': 'x' }],
    ['a=1+2%2B', { a: '1 2+' }],
    ['a=%zz%4', { a: '%zz%4' }],
    ['a..b=1&.c=2&d.=3', { 'a..b': '1', '.c': '2', 'd.': '3' }],
    ['r.1=5&r.2=6', { r: { 1: '5', 2: '6' } }],
    ['r.1=b&r.0=a', { r: ['a', 'b'] }],
    ['r.0=a&r.2=c', { r: { 0: 'a', 2: 'c' } }],
    ['r.00=a', { r: { '00': 'a' } }],
    ['l.0.n=1&l.1.n=2', { l: [{ n: '1' }, { n: '2' }] }],
  ])('%j is %j', (form, data) => {
    expect(dataOf(form)).toEqual(data)
  })

  test('is unescaped where two hexadecimal digits follow a percent sign, and nowhere else', () => {
    const part = fc.oneof(
      fc.constantFrom('%', '+', '%4', '%41', '%2B', '%25', '%fF', '%C3%A9', '%g1', '%1g', '%%', '4', '1'),
      fc.nat(255).map((byte) => String.fromCharCode(byte)),
    )
    const latin1 = (bytes: Buffer, start?: number, end?: number): string => bytes.toString('latin1', start, end)
    const unescaped = (text: string): string =>
      text.replaceAll(/%([0-9a-fA-F]{2})/g, (_escape, digits: string) => String.fromCharCode(Number(`0x${digits}`)))
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const text = parts.join('')
        expect(percentDecode(text, latin1)).toBe(unescaped(text))
        const value = text.replaceAll('&', '')
        expect(readPairs(`a=${value}`, latin1, 1)).toEqual({
          kind: 'pairs',
          pairs: [{ name: 'a', value: unescaped(value.replaceAll('+', ' ')) }],
        })
      }),
    )
  })

  test('never reaches a prototype', () => {
    const data = dataOf('__proto__.polluted=1&constructor.prototype.polluted=1&a.__proto__=2')
    expect(JSON.stringify(data)).toBe(
      '{"__proto__":{"polluted":"1"},"constructor":{"prototype":{"polluted":"1"}},"a":{"__proto__":"2"}}',
    )
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })

  test('that was flattened from nested text is that text again', () => {
    const name = fc
      .string({ minLength: 1, unit: 'grapheme' })
      .filter((text) => !text.includes('.') && !/^\d+$/.test(text))
    const { tree } = fc.letrec((tie) => ({
      tree: fc.dictionary(name, tie('node'), { maxKeys: 4 }),
      node: fc.oneof(
        { maxDepth: 4 },
        fc.string({ unit: 'grapheme' }),
        fc.array(tie('node'), { minLength: 1, maxLength: 3 }),
        fc.dictionary(name, tie('node'), { minKeys: 1, maxKeys: 3 }),
      ),
    }))
    fc.assert(
      fc.property(tree, (value) => {
        expect(JSON.parse(JSON.stringify(dataOf(flattenToForm(Object(value)))))).toEqual(
          JSON.parse(JSON.stringify(value)),
        )
      }),
    )
  })
})

function drive(splitter: Splitter): SplitResult {
  for (;;) {
    const step = splitter.next()
    if (step.done === true) return step.value
  }
}

describe('a batch that is split', () => {
  test('gives the members of any JSON array', () => {
    const indent = fc.constantFrom(0, 1, '\t')
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), indent, (members, space) => {
        const bytes = Buffer.from(JSON.stringify(members, null, space))
        const split = drive(splitArray(bytes, 1000))
        if (split.kind !== 'pieces') throw new Error(JSON.stringify(split))
        const parsed = split.pieces.map(({ start, end }) => JSON.parse(bytes.toString('utf8', start, end)))
        expect(parsed).toEqual(JSON.parse(bytes.toString()))
      }),
    )
  })

  test('never gives more than one result for broken text, and always ends', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('[', ']', '{', '}', ',', '"', '\\', ' ', '1') }), (text) => {
        const split = drive(splitArray(Buffer.from(`[${text}`), 1000))
        expect(['pieces', 'malformed']).toContain(split.kind)
      }),
    )
  })

  test('is the same where strings, white space and mistakes lie across a pause', () => {
    const near = fc.integer({ min: 131_040, max: 131_080 })
    fc.assert(
      fc.property(near, near, fc.constantFrom('a', '\\"', '\\\\', ']', ','), (spaces, length, part) => {
        const text = `"${part.repeat(length / part.length)}"`
        const blank = '\n'.repeat(spaces)
        const split = (...parts: readonly string[]): SplitResult => drive(splitArray(Buffer.from(parts.join('')), 9))
        const [start, end] = [spaces + 1, 2 * spaces + 1 + text.length]
        expect(split(blank, '[', blank, text, ',1]', blank)).toEqual({
          kind: 'pieces',
          pieces: [
            { start, end, number: 1 },
            { start: end + 1, end: end + 2, number: 2 },
          ],
        })
        const detail = `expected an event at line ${spaces + 1}, byte ${text.length + 2}`
        expect(split('[', blank, text, ',,')).toEqual({ kind: 'malformed', detail })
      }),
      { numRuns: 20 },
    )
  })

  test('gives the lines that are not blank', () => {
    const line = fc.string({ unit: fc.constantFrom('a', ' ', '\t', '\r', 'é') })
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const bytes = Buffer.from(lines.join('\n'))
        const split = drive(splitLines(bytes, 1000))
        if (split.kind !== 'pieces') throw new Error(split.kind)
        const numbered = lines.map((text, index) => [index + 1, text] as const).filter(([, text]) => /[aé]/.test(text))
        expect(split.pieces.map(({ start, end, number }) => [number, bytes.toString('utf8', start, end)])).toEqual(
          numbered,
        )
      }),
    )
  })
})

describe('bytes in a charset', () => {
  test('that are valid UTF-8 come out unchanged and are not counted', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        let replaced = 0
        const out = utf8Decoder((count) => {
          replaced += count
        })(Buffer.from(`.${text.toWellFormed()}`))
        expect([out, replaced]).toEqual([`.${text.toWellFormed()}`, 0])
      }),
    )
  })

  test('that are not UTF-8 are counted one by one', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'é', '😀', '\u{FFFD}', 0xff, 0x80)), (parts) => {
        let replaced = 0
        const bytes = Buffer.concat(
          parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from([part]))),
        )
        const text = utf8Decoder((count) => {
          replaced += count
        })(bytes)
        expect(text).toBe(parts.map((part) => (typeof part === 'string' ? part : '\u{FFFD}')).join(''))
        expect(replaced).toBe(parts.filter((part) => typeof part === 'number').length)
      }),
    )
  })

  test('of other charsets are counted by character', () => {
    let replaced = 0
    const charset = readCharset('shift_jis', (count) => {
      replaced += count
    })
    expect(charset?.decode(Buffer.from([0x83, 0x5c, 0xff]))).toBe('ソ\u{FFFD}')
    expect([charset?.isUtf8, replaced]).toEqual([false, 1])
  })
})
