/**
 * Reads a request's body into memory, within limits: of the request, of its pace, and of all requests together. What is too
 * large is refused as soon as that is known, from `content-length`, while it arrives or while it is decompressed; nothing of
 * it is handed on. Called by the routes that take events.
 */
import type { IncomingMessage } from 'node:http'
import { Deadline, type Deadlines } from '../../transport/deadlines.ts'
import type { IngressLimits } from '../limits.ts'
import { giveBack } from './body-memory.ts'
import { type Compression, readCoding } from './inflate.ts'
import type { Inflater } from './inflater.ts'
import { LARGE_BODY_BYTES, type LoopTurns } from './loop-turns.ts'

/** `single` and `batch` name the limit; `by-first-byte`: a JSON array is a batch, anything else is single. */
export type BodyKind = 'single' | 'batch' | 'by-first-byte'

/** A body, or why there is none. */
export type BodyResult =
  | { readonly kind: 'body'; readonly bytes: Buffer }
  | { readonly kind: 'too-large'; readonly limitBytes: number }
  /** It was compressed by more than `ratio`. */
  | { readonly kind: 'too-dense'; readonly ratio: number }
  /** It is in a content coding that is not understood; nothing of it was read. */
  | { readonly kind: 'unknown-coding' }
  /** It can't be decompressed. */
  | { readonly kind: 'malformed'; readonly detail: string }
  /** Less than the least arrived in a while. */
  | { readonly kind: 'too-slow'; readonly limits: IngressLimits }
  /** All requests together hold as much as they may. */
  | { readonly kind: 'no-room' }
  /** The client has gone before the end. */
  | { readonly kind: 'gone' }

const OPENING_BRACKET = 0x5b

/** Compressed bodies may become this large whatever their ratio: very short ones compress beyond any. */
const FREE_INFLATION_BYTES = 65_536

/** Bytes of bodies that are held at once. One for the whole ingress. */
export class BodyRoom {
  readonly #limitBytes: number
  #heldBytes = 0

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes
  }

  /** Takes room for `bytes`; false where there is none left, and nothing is taken. */
  take(bytes: number): boolean {
    if (this.#heldBytes + bytes > this.#limitBytes) return false
    this.#heldBytes += bytes
    return true
  }

  /** Gives back what was taken. */
  give(bytes: number): void {
    this.#heldBytes -= bytes
  }
}

/** What bodies are read with; one for the whole ingress. */
export interface BodyContext {
  readonly limits: IngressLimits
  readonly room: BodyRoom
  readonly inflater: Inflater
  readonly turns: LoopTurns
  /** When each body's pace is looked at next. */
  readonly paces: Deadlines
}

/** Reads the body and hands the result to `use`; the room that it takes is given back when `use` has ended. */
export async function withBody<Result>(
  request: IncomingMessage,
  kind: BodyKind,
  context: BodyContext,
  use: (body: BodyResult) => Promise<Result>,
): Promise<Result> {
  const reader = new BodyReader(request, kind, context)
  try {
    const body = await reader.read()
    if (body.kind === 'body' && body.bytes.length >= LARGE_BODY_BYTES) await context.turns.next()
    return await use(body)
  } finally {
    reader.release()
  }
}

class BodyReader {
  readonly #request: IncomingMessage
  readonly #kind: BodyKind
  readonly #limits: IngressLimits
  readonly #room: BodyRoom
  readonly #inflater: Inflater
  readonly #paces: Deadlines
  readonly #chunks: Buffer[] = []
  /** What all pieces make together, or what came out of them: handed out, or refused. */
  #body: Buffer | undefined
  #takenBytes = 0
  /** Known from the first byte that is not white space where the kind depends on it. */
  #limitBytes: number | undefined

  constructor(request: IncomingMessage, kind: BodyKind, { limits, room, inflater, paces }: BodyContext) {
    this.#request = request
    this.#kind = kind
    this.#limits = limits
    this.#room = room
    this.#inflater = inflater
    this.#paces = paces
  }

  async read(): Promise<BodyResult> {
    const coding = readCoding(this.#request.headers['content-encoding'])
    if (coding === undefined) return { kind: 'unknown-coding' }
    // Of a compressed body only what comes out tells whether it is a batch.
    this.#limitBytes = this.#kind === 'by-first-byte' && coding === 'identity' ? undefined : this.#most()
    const wire = await this.#receive()
    if (wire.kind !== 'body') return wire
    this.#body = wire.bytes
    if (coding === 'identity') return wire
    return await this.#inflater.inTurn(this.#inflationLimit(wire.bytes), () => this.#inflate(wire.bytes, coding))
  }

  release(): void {
    this.#giveRoom()
    for (const chunk of this.#chunks) giveBack(chunk)
    if (this.#body !== undefined) giveBack(this.#body)
  }

  #giveRoom(): void {
    this.#room.give(this.#takenBytes)
    this.#takenBytes = 0
  }

  #most(): number {
    return this.#kind === 'single' ? this.#limits.requestBytes : this.#limits.batchBytes
  }

  #receive(): Promise<BodyResult> {
    const most = this.#most()
    if (Number(this.#request.headers['content-length'] ?? 0) > most) {
      return Promise.resolve({ kind: 'too-large', limitBytes: most })
    }
    const { stallMs, stallBytes } = this.#limits
    return new Promise((resolve) => {
      const request = this.#request
      let atLastCheck = 0
      const checkPace = (): void => {
        if (this.#takenBytes - atLastCheck < stallBytes) finish({ kind: 'too-slow', limits: this.#limits })
        else this.#paces.start(pace, stallMs)
        atLastCheck = this.#takenBytes
      }
      const pace = new Deadline({ onDeadline: checkPace })
      this.#paces.start(pace, stallMs)
      const finish = (result: BodyResult) => {
        this.#paces.cancel(pace)
        request.off('data', onData)
        request.off('end', onEnd)
        request.off('close', onClose)
        // What is still coming is read and dropped, so that the client gets to read the answer.
        if (result.kind !== 'body') request.resume()
        resolve(result)
      }
      const onData = (chunk: Buffer) => {
        const refusal = this.#add(chunk)
        if (refusal !== undefined) finish(refusal)
      }
      const onEnd = () => finish({ kind: 'body', bytes: this.#joined() })
      const onClose = () => finish({ kind: 'gone' })
      request.on('data', onData)
      request.on('end', onEnd)
      request.on('close', onClose)
      request.on('error', onClose)
    })
  }

  #add(chunk: Buffer): BodyResult | undefined {
    this.#limitBytes ??= this.#limitByContent(chunk)
    const limitBytes = this.#limitBytes ?? this.#limits.requestBytes
    if (this.#takenBytes + chunk.length > limitBytes) return { kind: 'too-large', limitBytes }
    if (!this.#room.take(chunk.length)) return { kind: 'no-room' }
    this.#takenBytes += chunk.length
    this.#chunks.push(chunk)
    return undefined
  }

  /** What may come out of a body. */
  #inflationLimit(wire: Buffer): number {
    return Math.min(this.#most(), Math.max(FREE_INFLATION_BYTES, wire.length * this.#limits.inflationRatio))
  }

  async #inflate(wire: Buffer, coding: Compression): Promise<BodyResult> {
    const { inflationRatio } = this.#limits
    const most = this.#most()
    const limitBytes = this.#inflationLimit(wire)
    if (!this.#room.take(limitBytes)) return { kind: 'no-room' }
    this.#takenBytes += limitBytes
    const inflated = await this.#inflater.inflate(wire, coding, limitBytes)
    if (inflated.kind === 'malformed') return inflated
    if (inflated.kind === 'lost') return { kind: 'no-room' }
    if (inflated.kind === 'too-large') {
      return limitBytes < most ? { kind: 'too-dense', ratio: inflationRatio } : { kind: 'too-large', limitBytes: most }
    }
    const { buffer, byteOffset, byteLength } = inflated.bytes
    const bytes = Buffer.from(buffer, byteOffset, byteLength)
    this.#body = bytes
    this.#giveRoom()
    // Cannot fail: less is held now than a moment ago.
    this.#room.take(bytes.length)
    this.#takenBytes = bytes.length
    const own = this.#kind === 'by-first-byte' ? (this.#limitByContent(bytes) ?? this.#limits.requestBytes) : most
    return bytes.length > own ? { kind: 'too-large', limitBytes: own } : { kind: 'body', bytes }
  }

  #limitByContent(chunk: Buffer): number | undefined {
    let at = 0
    while (isBeforeContent(chunk[at])) at += 1
    const first = chunk[at]
    if (first === undefined) return undefined
    return first === OPENING_BRACKET ? this.#limits.batchBytes : this.#limits.requestBytes
  }

  #joined(): Buffer {
    const [only] = this.#chunks
    const isOne = this.#chunks.length === 1 && only !== undefined
    const bytes = isOne ? only : Buffer.concat(this.#chunks, this.#takenBytes)
    if (!isOne) for (const chunk of this.#chunks) giveBack(chunk)
    this.#chunks.length = 0
    return bytes
  }
}

/** White space, or a part of a byte order mark. */
function isBeforeContent(byte: number | undefined): boolean {
  return byte !== undefined && (byte <= 0x20 || isByteOrderMark(byte))
}

function isByteOrderMark(byte: number): boolean {
  return byte === 0xef || byte === 0xbb || byte === 0xbf
}
