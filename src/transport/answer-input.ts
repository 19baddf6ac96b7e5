/**
 * What a socket reads, before undici sees it. Interim answers (1xx but 101) are taken out: undici skips most kinds by itself but ends
 * the connection at an unasked `100 Continue`, which some servers and proxies send before every POST's answer (RFC 9110, 15.2: a
 * client must be able to take any number, asked for or not). And bytes are counted as they come over the wire, since undici counts
 * neither status lines nor white space nor chunk extensions. Invariant: a final answer passes unchanged; at most 32 interim ones
 * and 16 KiB of one are skipped, and at most its limits plus one read are taken of an answer. One a connection; told when a
 * request goes out and when the head of its answer is complete.
 */
import type { Socket } from 'node:net'
import { ExchangeError } from './classify.ts'

/** Interim answers skipped before one final answer; servers send one or two. */
export const INTERIM_LIMIT = 32

/** Largest head, up to its empty line: Node's own default, and twice what common servers accept of a request. */
export const HEAD_LIMIT_BYTES = 16_384

/** Most bytes of a whole answer on the wire: 64 KiB in chunks of six bytes; nobody sends smaller ones, or more around them. */
export const ANSWER_WIRE_LIMIT_BYTES = 131_072

/** What a status line begins with; its next character is the status' first digit. */
const PREFIX = Buffer.from('HTTP/1.')
const STATUS_OFFSET = 'HTTP/1.1 '.length
const DIGIT_ZERO = 0x30
const DIGIT_ONE = 0x31
const HEAD_END = Buffer.from('\r\n\r\n')
const NOTHING = Buffer.alloc(0)

/** What the beginning of an answer turns out to be; `foreign`: no answer of HTTP/1. */
type Beginning = 'interim' | 'final' | 'undecided' | 'foreign'

/** See the head of this file. */
export class AnswerInput {
  readonly #socket: Socket
  readonly #read: (size?: number) => unknown
  /** Nothing of the final answer was read yet. */
  #isAtHead = false
  /** Its head is not complete yet. */
  #isInHead = false
  /** Bytes of the final answer that were handed on. */
  #passedBytes = 0
  /** The answer was too long for its limit, and cut there. */
  #isCut = false
  /** What was handed on of the head last: its end may be cut in two. */
  #headRead: Buffer = NOTHING
  #skipped = 0
  /** The beginning of an answer that is too short yet to tell its kind. */
  #held: Buffer | undefined

  /** Puts itself between the socket and whoever calls its `read()`. */
  constructor(socket: Socket) {
    this.#socket = socket
    this.#read = socket.read.bind(socket)
    socket.read = (size?: number) => {
      // Node's own calls carry a size (0: fill the buffer); only the parser reads without one.
      if (size !== undefined) return this.#read(size)
      if (this.#isCut) {
        return this.#refuse('response-too-large', 'the answer has more than 128 KiB on the wire, its framing counted')
      }
      const chunk = this.#read()
      return chunk instanceof Buffer ? this.#take(chunk) : chunk
    }
  }

  /** A request goes out: what is read next is the head of its answer. */
  expectHead(): void {
    this.#isAtHead = true
    this.#isInHead = true
    this.#passedBytes = 0
    this.#isCut = false
    this.#headRead = NOTHING
    this.#skipped = 0
  }

  /** What is read next is the body. */
  headEnded(): void {
    this.#isInHead = false
    this.#headRead = NOTHING
  }

  #take(chunk: Buffer): Buffer | null {
    const passed = this.#isAtHead ? this.#filter(chunk) : chunk
    if (passed === null) return null
    if (this.#isInHead && this.#headBytesWith(passed) > HEAD_LIMIT_BYTES) {
      return this.#refuse('invalid-response', 'the header fields are larger than 16 KiB')
    }
    // What fits is handed on first: it may hold the status, and reasons of its own to end here.
    const room = ANSWER_WIRE_LIMIT_BYTES - this.#passedBytes
    this.#isCut = passed.length > room
    this.#passedBytes += Math.min(passed.length, room)
    return this.#isCut ? passed.subarray(0, room) : passed
  }

  #filter(chunk: Buffer): Buffer | null {
    let rest = this.#held === undefined ? chunk : Buffer.concat([this.#held, chunk])
    this.#held = undefined
    for (;;) {
      switch (beginningOf(rest)) {
        case 'final':
          this.#isAtHead = false
          return rest
        case 'undecided':
          this.#held = rest
          return null
        case 'foreign':
          // undici takes RTSP for HTTP, and breaks at a status below 100.
          return this.#refuse('invalid-response', 'the answer is not HTTP/1.1: it begins with no status line of it')
        case 'interim': {
          const end = rest.indexOf(HEAD_END)
          if ((end === -1 ? rest.length : end) > HEAD_LIMIT_BYTES) {
            return this.#refuse('invalid-response', 'the header fields of an interim answer are larger than 16 KiB')
          }
          if (end === -1) {
            this.#held = rest
            return null
          }
          this.#skipped += 1
          if (this.#skipped > INTERIM_LIMIT) {
            return this.#refuse('invalid-response', `more than ${INTERIM_LIMIT} interim answers (1xx) and no final one`)
          }
          rest = rest.subarray(end + HEAD_END.length)
        }
      }
    }
  }

  /** Bytes of the head as far as it is known with this read, which may bring its end and the body; at most that within the limit. */
  #headBytesWith(read: Buffer): number {
    const kept = HEAD_END.length - 1
    const before = this.#headRead
    this.#headRead = read.length < kept ? Buffer.concat([before.subarray(-kept), read]) : read
    const most = this.#passedBytes + read.length
    // Nearly every answer: where its head ends makes no difference.
    if (most <= HEAD_LIMIT_BYTES) return most
    const tail = before.subarray(-kept)
    const across = Buffer.concat([tail, read.subarray(0, kept)]).indexOf(HEAD_END)
    const end = across === -1 ? read.indexOf(HEAD_END) : across - tail.length
    return end === -1 ? most : this.#passedBytes + end
  }

  #refuse(reason: 'invalid-response' | 'response-too-large', detail: string): null {
    this.#isAtHead = false
    this.#socket.destroy(new ExchangeError(reason, detail))
    return null
  }
}

function beginningOf(bytes: Buffer): Beginning {
  const compared = Math.min(bytes.length, PREFIX.length)
  for (let index = 0; index < compared; index += 1) if (bytes[index] !== PREFIX[index]) return 'foreign'
  const digit = bytes[STATUS_OFFSET]
  if (digit === DIGIT_ZERO) return 'foreign'
  if (digit !== undefined && digit !== DIGIT_ONE) return 'final'
  const status = bytes.subarray(STATUS_OFFSET, STATUS_OFFSET + 3)
  if (status.length < 3) return 'undecided'
  return status.toString('latin1') === '101' ? 'final' : 'interim'
}
