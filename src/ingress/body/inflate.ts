/**
 * Decompresses request bodies: gzip, deflate and br, one coding alone. The cap on what comes out holds while it is being
 * decompressed: a bomb costs what a body of the largest allowed size costs. Runs on the thread of `inflater.ts`.
 */
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib'
import { codeOf } from '../../errors.ts'

/** A content coding that is understood (RFC 9110, 8.4.1). */
export type ContentCoding = 'identity' | 'gzip' | 'deflate' | 'br'

/** One that makes something else of a body. */
export type Compression = Exclude<ContentCoding, 'identity'>

/** The codings for an `accept-encoding` field. */
export const ACCEPTED_CODINGS = 'gzip, deflate, br'

/** What came out, or why nothing did. */
export type Inflated =
  | { readonly kind: 'body'; readonly bytes: Uint8Array }
  /** More would come out than `limitBytes`. */
  | { readonly kind: 'too-large' }
  | { readonly kind: 'malformed'; readonly detail: string }
  /** The thread that had it is gone. */
  | { readonly kind: 'lost' }

/** What the thread is asked. */
export interface InflateRequest {
  readonly bytes: Uint8Array
  readonly coding: Compression
  readonly limitBytes: number
}

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

/** Comes out at a time, each with a turn of the thread; with Node's 16 KiB a bomb of 8 MiB took 15 ms of the main thread when it was done there. */
const CHUNK_BYTES = 65_536

/** Decompresses `bytes` to at most `limitBytes`. Never rejects. */
export function inflateBody(bytes: Uint8Array, coding: Compression, limitBytes: number): Promise<Inflated> {
  return new Promise((resolve) => {
    // A gzip may have several members (RFC 1952, 2.2); what is none of them is refused without being told to.
    const options = { maxOutputLength: limitBytes, chunkSize: CHUNK_BYTES, rejectGarbageAfterEnd: coding !== 'gzip' }
    decompressor(coding, bytes)(bytes, options, (error, result) => {
      if (error === null) resolve({ kind: 'body', bytes: result })
      else if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE') resolve({ kind: 'too-large' })
      else
        resolve({ kind: 'malformed', detail: `the body is not ${coding}, as content-encoding says: ${error.message}` })
    })
  })
}

type Decompress = (
  bytes: Uint8Array,
  options: { readonly maxOutputLength: number },
  done: (error: Error | null, result: Buffer) => void,
) => void

/** `deflate` is the zlib format (RFC 9110, 8.4.1.2), but many clients send it bare; its first byte tells (RFC 1950, 2.2). */
function decompressor(coding: Compression, bytes: Uint8Array): Decompress {
  switch (coding) {
    case 'gzip':
      return gunzip
    case 'br':
      return brotliDecompress
    case 'deflate':
      return ((bytes[0] ?? 0) & 0x0f) === 8 ? inflate : inflateRaw
  }
}
