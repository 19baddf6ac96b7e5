/**
 * Reads Server-sent events (HTML Standard, 9.2.6) from text that comes in pieces of any length. Pure: pieces in, messages out.
 * `id` and `retry` are not used here and passed over. Used by `watch.ts`.
 */

/** One message. */
export interface ServerSentEvent {
  /** `message` where the server names none. */
  readonly event: string
  /** Its lines, joined by line feeds. */
  readonly data: string
}

/** Most characters of a message: many times what any happening has (an event is at most 1 MiB). */
const MESSAGE_LENGTH = 16_777_216

/** See the head of this file. One for each connection. */
export class EventStreamParser {
  /** The beginning of a line whose end has not come. */
  #rest = ''
  #event = ''
  #data: string[] = []
  /** Characters in `#data`. */
  #length = 0

  /** What a piece of text completes, in order. Throws where a message has no end: what comes for ever must not be kept. */
  push(text: string): readonly ServerSentEvent[] {
    const messages: ServerSentEvent[] = []
    const whole = this.#rest + text
    // A carriage return at the end may be half of a line end.
    const end = whole.endsWith('\r') ? whole.length - 1 : whole.length
    const lines = whole.slice(0, end).split(/\r\n|\r|\n/)
    this.#rest = (lines.pop() ?? '') + whole.slice(end)
    for (const line of lines) {
      if (line !== '') this.#take(line)
      else if (this.#data.length > 0) messages.push(this.#message())
      else this.#event = ''
    }
    if (this.#rest.length + this.#length > MESSAGE_LENGTH) throw new RangeError('a message of the stream has no end')
    return messages
  }

  #take(line: string): void {
    const colon = line.indexOf(':')
    // Without a name it is a comment, such as a heartbeat.
    if (colon === 0) return
    const name = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (name === 'event') this.#event = value
    if (name !== 'data') return
    this.#data.push(value)
    this.#length += value.length
  }

  #message(): ServerSentEvent {
    const message = { event: this.#event || 'message', data: this.#data.join('\n') }
    this.#event = ''
    this.#data = []
    this.#length = 0
    return message
  }
}
