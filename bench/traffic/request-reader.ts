/**
 * Takes HTTP/1.1 requests out of a connection's bytes at the least cost: a receiver that is dear takes processor time from
 * what is measured beside it. Reads what the clients of the benches send (a `content-length`, no chunks), and throws at
 * anything else rather than count wrongly. Used by the receiver, one a connection.
 */

const HEAD_END = '\r\n\r\n'

/** Gets each request; both parts are only good until it returns. */
export type RequestListener = (head: string, body: Buffer) => void

/** See the head of this file. */
export class RequestReader {
  readonly #listener: RequestListener
  #rest: Buffer | undefined

  constructor(listener: RequestListener) {
    this.#listener = listener
  }

  /** Reads on; tells the listener of each request that is whole now. */
  push(chunk: Buffer): void {
    const bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk])
    let offset = 0
    while (offset < bytes.length) {
      const headEnd = bytes.indexOf(HEAD_END, offset, 'latin1')
      if (headEnd === -1) break
      const head = bytes.toString('latin1', offset, headEnd)
      const bodyStart = headEnd + HEAD_END.length
      const bodyEnd = bodyStart + bodyLength(head)
      if (bodyEnd > bytes.length) break
      this.#listener(head, bytes.subarray(bodyStart, bodyEnd))
      offset = bodyEnd
    }
    this.#rest = offset === bytes.length ? undefined : bytes.subarray(offset)
  }
}

function bodyLength(head: string): number {
  const [, length] = /\r\ncontent-length: *(\d+)/i.exec(head) ?? []
  if (length !== undefined) return Number(length)
  if (/\r\ntransfer-encoding:/i.test(head)) throw new Error(`the receiver reads no chunks: ${head}`)
  return 0
}
