/**
 * Decompresses request bodies: gzip, deflate and br, one coding alone. The cap on what comes out holds while it is being
 * decompressed, off the main thread, a few bodies at a time: a bomb costs what a body of the largest allowed size costs.
 * Called by the body reader once all of a body has arrived, so that a slow sender never holds a decompressor.
 */
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib'

/** A content coding that is understood (RFC 9110, 8.4.1). */
export type ContentCoding = 'identity' | 'gzip' | 'deflate' | 'br'

/** The codings for an `accept-encoding` field. */
export const ACCEPTED_CODINGS = 'gzip, deflate, br'

/** What came out, or why nothing did. */
export type Inflated =
  | { readonly kind: 'body'; readonly bytes: Buffer }
  /** More would come out than `limitBytes`. */
  | { readonly kind: 'too-large' }
  | { readonly kind: 'malformed'; readonly detail: string }

/** Reads `content-encoding`; undefined where it is not understood, which includes several codings over each other. */
export function readCoding(field: string | undefined): ContentCoding | undefined {
  const name = field?.trim().toLowerCase() ?? 'identity'
  switch (name) {
    case 'identity':
    case 'gzip':
    case 'deflate':
    case 'br':
      return name
    case '':
      return 'identity'
    case 'x-gzip':
      return 'gzip'
    default:
      return undefined
  }
}

/** Comes out at a time, each with a turn of the main thread: with Node's 16 KiB a bomb of 8 MiB cost it 15 ms. */
const CHUNK_BYTES = 65_536

/** Has a few bodies decompressed at a time; others wait in order. One for the whole ingress. */
export class Inflater {
  readonly #most: number
  readonly #waiting: (() => void)[] = []
  #busy = 0

  constructor(most: number) {
    this.#most = most
  }

  /** Carries out `work`, which decompresses one body, in its turn: only then does it need room for what comes out. */
  async inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#busy < this.#most) this.#busy += 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#busy -= 1
      else next()
    }
  }
}

/** Decompresses `bytes` to at most `limitBytes`. Never rejects. */
export function inflateBody(
  bytes: Buffer,
  coding: Exclude<ContentCoding, 'identity'>,
  limitBytes: number,
): Promise<Inflated> {
  return new Promise((resolve) => {
    // A gzip may have several members (RFC 1952, 2.2); what is none of them is refused without being told to.
    const options = { maxOutputLength: limitBytes, chunkSize: CHUNK_BYTES, rejectGarbageAfterEnd: coding !== 'gzip' }
    decompressor(coding, bytes)(bytes, options, (error, result) => {
      if (error === null) resolve({ kind: 'body', bytes: result })
      else if ('code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') resolve({ kind: 'too-large' })
      else
        resolve({ kind: 'malformed', detail: `the body is not ${coding}, as content-encoding says: ${error.message}` })
    })
  })
}

type Decompress = (
  bytes: Buffer,
  options: { readonly maxOutputLength: number },
  done: (error: Error | null, result: Buffer) => void,
) => void

/** `deflate` is the zlib format (RFC 9110, 8.4.1.2), but many clients send it bare; its first byte tells (RFC 1950, 2.2). */
function decompressor(coding: Exclude<ContentCoding, 'identity'>, bytes: Buffer): Decompress {
  switch (coding) {
    case 'gzip':
      return gunzip
    case 'br':
      return brotliDecompress
    case 'deflate':
      return ((bytes[0] ?? 0) & 0x0f) === 8 ? inflate : inflateRaw
  }
}
