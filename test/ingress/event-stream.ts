/** Reads a stream of Server-sent events as its clients do. */

/** One message. */
export interface StreamMessage {
  readonly event: string
  // biome-ignore lint/suspicious/noExplicitAny: answers are compared with toMatchObject, which needs no types
  readonly data: any
}

/** A stream that is read as far as the test asks for. */
export class StreamReader {
  readonly status: number
  readonly contentType: string | null
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined
  readonly #decoder = new TextDecoder()
  #text = ''
  comments = 0

  constructor(response: Response) {
    this.status = response.status
    this.contentType = response.headers.get('content-type')
    this.#reader = response.body?.getReader()
  }

  /** Opens the stream and waits until it watches. */
  static async open(url: string, headers: Readonly<Record<string, string>> = {}): Promise<StreamReader> {
    const reader = new StreamReader(await fetch(url, { headers }))
    if (reader.status === 200) await reader.untilComment()
    return reader
  }

  /** The next message; undefined at the end. */
  async next(): Promise<StreamMessage | undefined> {
    for (;;) {
      const block = await this.#block()
      if (block === undefined) return undefined
      const [, event, data] = /^event: (\w+)\ndata: (.*)$/.exec(block) ?? []
      if (event !== undefined && data !== undefined) return { event, data: JSON.parse(data) }
      this.comments += 1
    }
  }

  /** The next `count` messages. */
  async take(count: number): Promise<readonly StreamMessage[]> {
    const messages: StreamMessage[] = []
    while (messages.length < count) {
      const message = await this.next()
      if (message === undefined) break
      messages.push(message)
    }
    return messages
  }

  /** Reads one comment. */
  async untilComment(): Promise<void> {
    const block = await this.#block()
    if (block?.startsWith(':') !== true) throw new Error(`not a comment: ${block}`)
    this.comments += 1
  }

  async close(): Promise<void> {
    await this.#reader?.cancel()
  }

  async #block(): Promise<string | undefined> {
    for (;;) {
      const end = this.#text.indexOf('\n\n')
      if (end !== -1) {
        const block = this.#text.slice(0, end)
        this.#text = this.#text.slice(end + 2)
        return block
      }
      const chunk = await this.#reader?.read()
      if (chunk?.value === undefined) return undefined
      this.#text += this.#decoder.decode(chunk.value, { stream: true })
    }
  }
}
