/** Bytes of other charsets that are made UTF-8 in pieces: the same comes out, and is counted, as if they were decoded at once. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readCharset } from '../../src/ingress/body/charset.ts'
import { transcode, transcodeRoom } from '../../src/ingress/body/transcode.ts'

/** Pieces end at multiples of this. */
const BORDER = 16_384

/** Leads, trails, surrogates, escapes, marks, U+FFFD in GB 18030 and in UTF-16, and what no charset has. */
const SPICE = [
  0x00, 0x0a, 0x0e, 0x0f, 0x1b, 0x24, 0x28, 0x30, 0x31, 0x37, 0x39, 0x40, 0x42, 0x4a, 0x5c, 0x62, 0x7e, 0x80, 0x81,
  0x84, 0x88, 0x8e, 0x8f, 0xa1, 0xa4, 0xbb, 0xbf, 0xd8, 0xdc, 0xef, 0xfd, 0xfe, 0xff,
]

function inPieces(bytes: Buffer, label: string): { readonly utf8: Buffer; readonly replaced: number; pauses: number } {
  const room = transcodeRoom(bytes.length)
  let [replaced, pauses] = [0, 0]
  const work = transcode(bytes, label, room, (count) => {
    replaced += count
  })
  for (;;) {
    const step = work.next()
    if (step.done === true) return { utf8: room.subarray(0, step.value), replaced, pauses }
    pauses += 1
  }
}

function atOnce(bytes: Buffer, label: string): { readonly utf8: Buffer; readonly replaced: number } {
  let replaced = 0
  const charset = readCharset(label, (count) => {
    replaced += count
  })
  return { utf8: Buffer.from(charset?.decode(bytes) ?? ''), replaced }
}

describe('in pieces', () => {
  test.each([
    'utf-16le',
    'utf-16be',
    'gb18030',
    'gbk',
    'big5',
    'euc-jp',
    'iso-2022-jp',
    'shift_jis',
    'euc-kr',
    'windows-1252',
    'iso-8859-2',
    'x-user-defined',
  ])('any bytes of %s are what they are at once', (label) => {
    const byte = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...SPICE) }, { weight: 1, arbitrary: fc.nat(255) })
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 60 }), fc.nat(30), fc.nat(2), (spiced, before, borders) => {
        const plain = Buffer.alloc(Math.max(0, borders * BORDER - before), 'a')
        for (const all of [
          [plain, Buffer.from(spiced)],
          [Buffer.from(spiced), plain, Buffer.from(spiced)],
        ]) {
          const bytes = Buffer.concat(all)
          const { utf8, replaced } = inPieces(bytes, label)
          const whole = atOnce(bytes, label)
          expect(replaced).toBe(whole.replaced)
          expect(utf8.equals(whole.utf8)).toBe(true)
        }
      }),
    )
  })

  test.each([
    ['nothing', 'gb18030', 0xff, 0, 0, 0],
    ['a piece of bad bytes', 'gb18030', 0xff, BORDER, BORDER, 0],
    ['a piece of bad bytes and one more', 'gb18030', 0xff, BORDER + 1, BORDER + 1, 2],
    ['replacement characters that are sent so', 'utf-16le', Buffer.from('\u{FFFD}', 'utf16le'), 2 * BORDER, 0, 4],
    ['plain text', 'utf-16le', 0x20, 8 * BORDER, 0, 8],
  ])('%s is counted, with a pause after each piece of several', (_name, label, fill, length, replaced, pauses) => {
    const bytes = Buffer.alloc(length, fill)
    expect(inPieces(bytes, label)).toEqual({ utf8: atOnce(bytes, label).utf8, replaced, pauses })
  })
})
