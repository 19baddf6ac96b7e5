/**
 * Writing and reading the compact binary records of the embedded store: numbers big-endian, texts as UTF-8 behind their
 * lengths. A reader refuses to read past the end with an error that says so, never returns what is not there.
 */
import { SwitchhookError } from '../../../errors.ts'

/** First size of a writer's buffer, in bytes. */
const INITIAL_BYTES = 64 * 1024

/** A buffer that grows; reused from record to record with {@link ByteWriter.clear}. */
export class ByteWriter {
  #buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES)
  #length = 0

  get length(): number {
    return this.#length
  }

  clear(): void {
    this.#length = 0
  }

  /** Takes back what was written behind the first `length` bytes. */
  cutTo(length: number): void {
    this.#length = length
  }

  /** A copy of what was written, with an ArrayBuffer of its own: it can be handed to another thread. */
  copy(): Uint8Array<ArrayBuffer> {
    const copy = new Uint8Array(this.#length)
    copy.set(this.#buffer.subarray(0, this.#length))
    return copy
  }

  /** What was written, in place: valid until the next call. */
  view(): Uint8Array {
    return this.#buffer.subarray(0, this.#length)
  }

  u8(value: number): void {
    const offset = this.#room(1)
    this.#buffer[offset] = value
  }

  u16(value: number): void {
    const offset = this.#room(2)
    this.#buffer.writeUInt16BE(value, offset)
  }

  u32(value: number): void {
    const offset = this.#room(4)
    this.#buffer.writeUInt32BE(value, offset)
  }

  /** A time or another whole number from 0 to 2^48 - 1; fractions are dropped. */
  u48(value: number): void {
    const offset = this.#room(6)
    this.#buffer.writeUIntBE(Math.floor(value), offset, 6)
  }

  f64(value: number): void {
    const offset = this.#room(8)
    this.#buffer.writeDoubleBE(value, offset)
  }

  /** A whole number from 0 to 2^32 - 1, seven bits a byte, the low ones first. */
  varint(value: number): void {
    let rest = value
    while (rest > 0x7f) {
      this.u8((rest & 0x7f) | 0x80)
      rest >>>= 7
    }
    this.u8(rest)
  }

  /** Hexadecimal digits, two a byte. */
  hex(digits: string): void {
    const offset = this.#room(digits.length >> 1)
    this.#buffer.write(digits, offset, 'hex')
  }

  bytes(value: Uint8Array): void {
    const offset = this.#room(value.length)
    this.#buffer.set(value, offset)
  }

  /** Several texts in one: their lengths in UTF-16 units, the bytes of all, then those bytes. */
  texts(values: readonly string[]): void {
    for (const value of values) this.varint(value.length)
    const all = values.length === 1 ? (values[0] ?? '') : values.join('')
    this.#ensure(4 + all.length * 3)
    const written = this.#buffer.write(all, this.#length + 4, 'utf8')
    this.#buffer.writeUInt32BE(written, this.#length)
    this.#length += 4 + written
  }

  /** Sets a u32 at an earlier place, for a length that is known only afterwards. */
  patchU32(offset: number, value: number): void {
    this.#buffer.writeUInt32BE(value, offset)
  }

  /** Where to write: to be asked for before the buffer is, which may be another one then. */
  #room(bytes: number): number {
    this.#ensure(bytes)
    const offset = this.#length
    this.#length += bytes
    return offset
  }

  #ensure(bytes: number): void {
    const needed = this.#length + bytes
    if (needed <= this.#buffer.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2))
    larger.set(this.#buffer.subarray(0, this.#length))
    this.#buffer = larger
  }
}

/** Reads what a {@link ByteWriter} wrote, in the same order. */
export class ByteReader {
  readonly #buffer: Buffer
  #offset: number

  constructor(bytes: Uint8Array, offset = 0) {
    this.#buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#offset = offset
  }

  get offset(): number {
    return this.#offset
  }

  get isAtEnd(): boolean {
    return this.#offset >= this.#buffer.length
  }

  u8(): number {
    return this.#buffer.readUInt8(this.#take(1))
  }

  u16(): number {
    return this.#buffer.readUInt16BE(this.#take(2))
  }

  u32(): number {
    return this.#buffer.readUInt32BE(this.#take(4))
  }

  u48(): number {
    return this.#buffer.readUIntBE(this.#take(6), 6)
  }

  f64(): number {
    return this.#buffer.readDoubleBE(this.#take(8))
  }

  varint(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.u8()
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    throw damaged('a length')
  }

  /** A view of the next bytes, not a copy. */
  bytes(length: number): Buffer {
    const offset = this.#take(length)
    return this.#buffer.subarray(offset, offset + length)
  }

  hex(length: number): string {
    const offset = this.#take(length)
    return this.#buffer.toString('hex', offset, offset + length)
  }

  /** As many texts as were written together. */
  texts(count: number): string[] {
    const lengths: number[] = []
    for (let index = 0; index < count; index += 1) lengths.push(this.varint())
    const bytes = this.u32()
    const offset = this.#take(bytes)
    const all = this.#buffer.toString('utf8', offset, offset + bytes)
    const values: string[] = []
    let start = 0
    for (const length of lengths) {
      values.push(all.slice(start, start + length))
      start += length
    }
    if (start !== all.length) throw damaged('a text')
    return values
  }

  #take(bytes: number): number {
    const offset = this.#offset
    if (bytes < 0 || offset + bytes > this.#buffer.length) throw damaged('a record')
    this.#offset = offset + bytes
    return offset
  }
}

/** Copies some bytes: where they are few, it takes less than a view of them or a call out of JavaScript. */
export function copyFew(from: Uint8Array, fromAt: number, to: Uint8Array, toAt: number, count: number): void {
  for (let index = 0; index < count; index += 1) to[toAt + index] = from[fromAt + index] ?? 0
}

/** What `read` reads from the store; `damaged` where its bytes can't be what was written. */
export function orDamaged<T>(read: () => T): T | 'damaged' {
  try {
    return read()
  } catch (error) {
    if (error instanceof SwitchhookError && error.code === 'internal') return 'damaged'
    throw error
  }
}

/** What is thrown where bytes of the store can't be what was written. */
export function damaged(what: string): SwitchhookError {
  return new SwitchhookError('internal', `the store is damaged: ${what} ends too early or is not what was written`)
}
