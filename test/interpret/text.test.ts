/** Bytes to text: where the charset comes from, which goes first, and that bad bytes are refused instead of mangled. */
import { describe, expect, test } from 'vitest'
import { parseContentType } from '../../src/interpret/content-type.ts'
import { quoted } from '../../src/interpret/excerpt.ts'
import { decodeText, type Markup } from '../../src/interpret/text.ts'
import { answerOf, bytes } from './answers.ts'

function decode(body: Uint8Array | string, contentType: string, markup: Markup = 'none'): string {
  const decoded = decodeText(answerOf(body, contentType), markup)
  return decoded.kind === 'text' ? decoded.text : `invalid: ${decoded.detail}`
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}

function utf16(text: string, isBigEndian: boolean): Uint8Array {
  const buffer = Buffer.from(text, 'utf16le')
  return Uint8Array.from(isBigEndian ? buffer.swap16() : buffer)
}

describe('the content type names the charset', () => {
  test.each([
    { contentType: '', body: bytes(0xc3, 0xa9), text: 'é' },
    { contentType: 'text/plain', body: bytes(0xc3, 0xa9), text: 'é' },
    { contentType: 'text/plain; charset=', body: bytes(0xc3, 0xa9), text: 'é' },
    { contentType: 'text/plain; charset=UTF-8', body: bytes(0xf0, 0x9f, 0x98, 0x80), text: '😀' },
    { contentType: 'text/plain;charset="utf8"', body: bytes(0xc3, 0xa9), text: 'é' },
    { contentType: 'text/plain; charset=ISO-8859-1', body: bytes(0xe9, 0x80), text: 'é€' },
    { contentType: "text/plain; x=y; CHARSET='windows-1252'", body: bytes(0x93, 0x94), text: '“”' },
    { contentType: 'text/plain; charset=iso-8859-2', body: bytes(0xb1), text: 'ą' },
    { contentType: 'text/plain; charset=utf-16', body: utf16('hé', false), text: 'hé' },
    { contentType: 'text/plain; charset=utf-16be', body: utf16('hé', true), text: 'hé' },
    { contentType: 'text/plain; charset=shift_jis', body: bytes(0x82, 0xa0), text: 'あ' },
  ])('$contentType', ({ contentType, body, text }) => {
    expect(decode(body, contentType)).toBe(text)
  })
})

describe('a byte order mark goes before the content type', () => {
  test.each([
    { body: bytes(0xef, 0xbb, 0xbf, 0xc3, 0xa9), text: 'é' },
    { body: utf16('\uFEFFé', false), text: 'é' },
    { body: utf16('\uFEFFé', true), text: 'é' },
  ])('$body', ({ body, text }) => {
    expect(decode(body, 'text/plain; charset=iso-8859-1')).toBe(text)
    expect(decode(body, '')).toBe(text)
  })
})

describe('a document names its charset itself where the content type does not', () => {
  const declared = latin1('<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>')
  const meta = latin1('<html><head><META http-equiv="x" content="text/html; charset=iso-8859-1"></head>é')

  test('in an XML declaration', () => {
    expect(decode(declared, 'text/xml', 'xml')).toContain('<a>é</a>')
    expect(decode(declared, 'application/xhtml+xml', 'html')).toContain('<a>é</a>')
    expect(decode(declared, 'text/plain', 'none')).toBe('invalid: the body is not valid utf-8')
    expect(decode(declared, 'text/xml; charset=utf-8', 'xml')).toBe('invalid: the body is not valid utf-8')
  })

  test('in a meta element of HTML', () => {
    expect(decode(meta, 'text/html', 'html')).toContain('</head>é')
    expect(decode(latin1("<meta charset='latin1'>é"), 'text/html', 'html')).toContain('é')
    expect(decode(meta, 'text/html', 'xml')).toBe('invalid: the body is not valid utf-8')
  })

  test('within the first 1024 bytes', () => {
    const declaration = '<meta charset=latin1>'
    const padding = 1024 - declaration.length + 1
    expect(decode(latin1(`${' '.repeat(padding)}${declaration}é`), '', 'html')).toContain('é')
    expect(decode(latin1(`${' '.repeat(padding + 7)}${declaration}é`), '', 'html')).toBe(
      'invalid: the body is not valid utf-8',
    )
  })

  test('but not UTF-16 in bytes that are not', () => {
    expect(decode('<?xml version="1.0" encoding="utf-16"?><a>é</a>', 'text/xml', 'xml')).toContain('<a>é</a>')
  })
})

describe('what is refused', () => {
  test.each([
    { contentType: '', body: bytes(0xe9), detail: 'the body is not valid utf-8' },
    { contentType: '', body: bytes(0xed, 0xa0, 0x80), detail: 'the body is not valid utf-8' },
    { contentType: '', body: bytes(0xc0, 0xaf), detail: 'the body is not valid utf-8' },
    { contentType: 'x; charset=utf-16le', body: bytes(0x41, 0x00, 0x42), detail: 'the body is not valid utf-16le' },
    { contentType: 'x; charset=utf-16le', body: bytes(0x00, 0xd8), detail: 'the body is not valid utf-16le' },
    { contentType: 'x; charset=klingon', body: bytes(0x41), detail: 'the charset "klingon" is not known' },
  ])('$contentType $body: $detail', ({ contentType, body, detail }) => {
    expect(decode(body, contentType)).toBe(`invalid: ${detail}`)
  })
})

describe('parseContentType', () => {
  test.each([
    { field: '', mediaType: '', charset: '' },
    { field: ' Text/HTML ', mediaType: 'text/html', charset: '' },
    { field: 'a/b;charset = "x y" ; z', mediaType: 'a/b', charset: 'x y' },
    { field: 'a/b; xcharset=no', mediaType: 'a/b', charset: '' },
    { field: ';;;', mediaType: '', charset: '' },
  ])('$field', ({ field, mediaType, charset }) => {
    expect(parseContentType(field)).toEqual({ mediaType, charset })
  })
})

describe('quoted', () => {
  test.each([
    { text: '', shown: '""' },
    { text: 'a\r\nb\u0000c', shown: '"a b c"' },
    { text: 'x'.repeat(40), shown: `"${'x'.repeat(40)}"` },
    { text: 'x'.repeat(41), shown: `"${'x'.repeat(40)}…"` },
    { text: '😀'.repeat(40), shown: `"${'😀'.repeat(40)}"` },
    { text: '😀'.repeat(10_000), shown: `"${'😀'.repeat(40)}…"` },
  ])('shows $shown', ({ text, shown }) => {
    expect(quoted(text)).toBe(shown)
  })
})
