/**
 * Answers that their clients have not taken yet: somebody who asks for a large one and reads a byte a minute would hold it, and
 * the connection, for as long as he likes. Invariant: no answer waits longer than its time, and large ones that wait take no
 * more room together than there is. Called by the server for what it writes, and for streams when they end.
 */
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { BodyRoom } from '../body/read-body.ts'
import type { IngressLimits } from '../limits.ts'

/** An answer up to here is the system's at once, and not counted: most are much smaller, and are to cost nothing. */
const SMALL_ANSWER_CHARACTERS = 16_384

/** See the head of this file. */
export class UnreadAnswers {
  readonly #room: BodyRoom
  readonly #limitMs: number

  constructor({ heldAnswerBytes, answerMs }: Pick<IngressLimits, 'heldAnswerBytes' | 'answerMs'>) {
    this.#room = new BodyRoom(heldAnswerBytes)
    this.#limitMs = answerMs
  }

  /** Takes room for a body until it is taken or its connection ends; false where there is none. */
  hold(response: ServerResponse, body: string | Uint8Array): boolean {
    if (body.length <= SMALL_ANSWER_CHARACTERS || response.destroyed) return true
    const bytes = Buffer.byteLength(body)
    if (!this.#room.take(bytes)) return false
    response.once('close', () => this.#room.give(bytes))
    return true
  }

  /** Cuts the connection off if an answer that was just ended is not taken in time. */
  limit(response: ServerResponse): void {
    // Nearly always the system has it already, and nobody needs to wait.
    if (response.writableLength > 0) this.#cutLater(response, response.req.socket)
  }

  /** The same for a connection that was ended with an answer on its bare socket. */
  limitLast(socket: Socket): void {
    if (!socket.writableFinished) this.#cutLater(socket, socket)
  }

  #cutLater(taken: ServerResponse | Socket, socket: Socket): void {
    const deadline = setTimeout(() => socket.destroy(), this.#limitMs)
    deadline.unref()
    taken.once('close', () => clearTimeout(deadline))
  }
}
