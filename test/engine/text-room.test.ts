/** Texts outside of the heap: read as they were put in, gone when they are erased or dropped. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TextRoom } from '../../src/engine/calls/text-room.ts'

const CHUNK_BYTES = 1_048_576

describe('a room for texts', () => {
  test('gives each text back as it was put in, whatever its length and letters', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 200 })), (texts) => {
        const room = new TextRoom()
        const places = texts.map((text) => room.put(text))
        expect(places.map((place) => room.read(place))).toEqual(texts)
      }),
    )
  })

  test.each([
    ['fills a chunk to its last byte', CHUNK_BYTES, CHUNK_BYTES],
    ['goes beyond a chunk', CHUNK_BYTES + 1, CHUNK_BYTES + 1],
  ])('takes a text that %s', (_what, length, bytes) => {
    const room = new TextRoom()
    const long = room.put('é'.repeat(length / 2).padEnd(Math.floor(length / 2) + (length % 2), 'x'))
    expect(room.bytes).toBe(bytes)
    const next = room.put('next')
    expect(room.read(long)).toHaveLength(Math.ceil(length / 2))
    expect(room.read(next)).toBe('next')
    expect(room.bytes).toBe(bytes + CHUNK_BYTES)
  })

  test('reads nothing where a text was erased, and leaves its neighbours', () => {
    const room = new TextRoom()
    const [before, erased, after] = ['before', 'secret', 'after'].map((text) => room.put(text))
    if (before === undefined || erased === undefined || after === undefined) throw new Error('three were put in')
    room.erase(erased)
    expect(room.read(erased)).toBe('\0'.repeat(6))
    expect([room.read(before), room.read(after)]).toEqual(['before', 'after'])
  })

  test('gives chunks back when all texts in them are dropped', () => {
    const room = new TextRoom()
    const places = Array.from({ length: 30 }, (_, index) => room.put(String(index).padStart(100_000, '-')))
    expect(room.bytes).toBe(3 * CHUNK_BYTES)
    room.dropBefore(places[9])
    expect(room.bytes).toBe(3 * CHUNK_BYTES)
    room.dropBefore(places[10])
    expect(room.bytes).toBe(2 * CHUNK_BYTES)
    expect(places.slice(10).map((place) => Number(room.read(place).replaceAll('-', '')))).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 10),
    )
    room.dropBefore(undefined)
    expect(room.bytes).toBe(0)
    expect(room.read(room.put('again'))).toBe('again')
  })
})
