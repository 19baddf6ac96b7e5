/**
 * Takes interim answers (1xx but 101) out of what a socket reads, before undici sees them: it skips most kinds by itself but ends
 * the connection at an unasked `100 Continue`, which some servers and proxies send before every POST's answer (RFC 9110, 15.2: a
 * client must be able to take any number, asked for or not). Invariant: a final answer passes unchanged; at most
 * 32 interim ones and 16 KiB of one are skipped. One a connection; told when a request goes out.
 */
import type { Socket } from 'node:net'
import { ExchangeError } from './classify.ts'

/** Interim answers skipped before one final answer; servers send one or two. */
export const INTERIM_LIMIT = 32

/** Largest head of an interim answer, the same as for final ones. */
const INTERIM_HEAD_LIMIT_BYTES = 16_384

/** What a status line begins with; its next character is the status' first digit. */
const PREFIX = Buffer.from('HTTP/1.')
const STATUS_OFFSET = 'HTTP/1.1 '.length
const DIGIT_ONE = 0x31
const HEAD_END = Buffer.from('\r\n\r\n')

/** What the beginning of an answer turns out to be. */
type Beginning = 'interim' | 'final' | 'undecided'

/** Removes interim answers from one socket's input. */
export class InterimFilter {
  readonly #socket: Socket
  readonly #read: (size?: number) => unknown
  #isAtHead = false
  #skipped = 0
  /** The beginning of an answer that is too short yet to tell its kind. */
  #held: Buffer | undefined

  /** Puts itself between the socket and whoever calls its `read()`. */
  constructor(socket: Socket) {
    this.#socket = socket
    this.#read = socket.read.bind(socket)
    socket.read = (size?: number) => {
      // Node's own calls carry a size (0: fill the buffer); only the parser reads without one.
      const chunk = this.#read(size)
      return this.#isAtHead && size === undefined && chunk instanceof Buffer ? this.#filter(chunk) : chunk
    }
  }

  /** A request goes out: what is read next is the head of its answer. */
  expectHead(): void {
    this.#isAtHead = true
    this.#skipped = 0
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
        case 'interim': {
          const end = rest.indexOf(HEAD_END)
          if ((end === -1 ? rest.length : end) > INTERIM_HEAD_LIMIT_BYTES) {
            return this.#refuse('the header fields of an interim answer are larger than 16 KiB')
          }
          if (end === -1) {
            this.#held = rest
            return null
          }
          this.#skipped += 1
          if (this.#skipped > INTERIM_LIMIT) {
            return this.#refuse(`more than ${INTERIM_LIMIT} interim answers (1xx) and no final one`)
          }
          rest = rest.subarray(end + HEAD_END.length)
        }
      }
    }
  }

  #refuse(detail: string): null {
    this.#isAtHead = false
    this.#socket.destroy(new ExchangeError('invalid-response', detail))
    return null
  }
}

function beginningOf(bytes: Buffer): Beginning {
  const digit = bytes[STATUS_OFFSET]
  const compared = Math.min(bytes.length, PREFIX.length)
  if (digit !== undefined && digit !== DIGIT_ONE) return 'final'
  // Whatever is not HTTP/1 goes to the parser at once, which knows what to say about it.
  if (bytes.compare(PREFIX, 0, compared, 0, compared) !== 0) return 'final'
  const status = bytes.subarray(STATUS_OFFSET, STATUS_OFFSET + 3)
  if (status.length < 3) return 'undecided'
  return status.toString('latin1') === '101' ? 'final' : 'interim'
}
