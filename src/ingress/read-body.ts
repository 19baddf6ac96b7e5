/**
 * Reads a request's body into memory, within limits: of the request, and of all requests together. What is too large is
 * refused as soon as that is known, from `content-length` or while it arrives; nothing of it is handed on.
 * Called by the routes that take events.
 */
import type { IncomingMessage } from 'node:http'
import type { IngressLimits } from './limits.ts'

/** `single` and `batch` name the limit; `by-first-byte`: a JSON array is a batch, anything else is single. */
export type BodyKind = 'single' | 'batch' | 'by-first-byte'

/** A body, or why there is none. */
export type BodyResult =
  | { readonly kind: 'body'; readonly bytes: Buffer }
  | { readonly kind: 'too-large'; readonly limitBytes: number }
  /** All requests together hold as much as they may. */
  | { readonly kind: 'no-room' }
  /** The client has gone before the end. */
  | { readonly kind: 'gone' }

const OPENING_BRACKET = 0x5b

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

/** Reads the body and hands the result to `use`; the room that it takes is given back when `use` has ended. */
export async function withBody<Result>(
  request: IncomingMessage,
  kind: BodyKind,
  limits: IngressLimits,
  room: BodyRoom,
  use: (body: BodyResult) => Promise<Result>,
): Promise<Result> {
  const reader = new BodyReader(request, kind, limits, room)
  try {
    return await use(await reader.read())
  } finally {
    reader.release()
  }
}

class BodyReader {
  readonly #request: IncomingMessage
  readonly #kind: BodyKind
  readonly #limits: IngressLimits
  readonly #room: BodyRoom
  readonly #chunks: Buffer[] = []
  #takenBytes = 0
  /** Known from the first byte that is not white space where the kind depends on it. */
  #limitBytes: number | undefined

  constructor(request: IncomingMessage, kind: BodyKind, limits: IngressLimits, room: BodyRoom) {
    this.#request = request
    this.#kind = kind
    this.#limits = limits
    this.#room = room
    if (kind === 'single') this.#limitBytes = limits.requestBytes
    if (kind === 'batch') this.#limitBytes = limits.batchBytes
  }

  read(): Promise<BodyResult> {
    const most = this.#kind === 'single' ? this.#limits.requestBytes : this.#limits.batchBytes
    if (Number(this.#request.headers['content-length'] ?? 0) > most) {
      return Promise.resolve({ kind: 'too-large', limitBytes: most })
    }
    return new Promise((resolve) => {
      const request = this.#request
      const finish = (result: BodyResult) => {
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

  release(): void {
    this.#room.give(this.#takenBytes)
    this.#takenBytes = 0
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

  #limitByContent(chunk: Buffer): number | undefined {
    const first = chunk.find((byte) => byte > 0x20 && !isByteOrderMark(byte))
    if (first === undefined) return undefined
    return first === OPENING_BRACKET ? this.#limits.batchBytes : this.#limits.requestBytes
  }

  #joined(): Buffer {
    const [only] = this.#chunks
    return this.#chunks.length === 1 && only !== undefined ? only : Buffer.concat(this.#chunks, this.#takenBytes)
  }
}

function isByteOrderMark(byte: number): boolean {
  return byte === 0xef || byte === 0xbb || byte === 0xbf
}
