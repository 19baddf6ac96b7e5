/**
 * The connections of a listener: how many there may be, which of them have not asked anything yet, and which answers are
 * still to come on each. Invariant: what is written to a bare socket never overtakes an answer that its client waits for.
 * Called by the server.
 */
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type Problem, problem } from '../problems.ts'

/** Most connections at once. */
export interface ConnectionLimits {
  readonly connections: number
  readonly connectionsPerAddress: number
}

/** What may be written to a connection whose next request can't be read, and when. */
export interface Turn {
  /** Answers that come first. */
  readonly after: readonly ServerResponse[]
  /** Whether what can't be read is answered already: its head could be read, or nothing more is answered here at all. */
  readonly isAnswered: boolean
}

/** See the head of this file. */
export class Connections {
  readonly #limits: ConnectionLimits
  readonly #open = new Set<Socket>()
  readonly #countByAddress = new Map<string, number>()
  /** By {@link peerOf}: under TLS requests come on another socket than the one that was taken in. */
  readonly #silent = new Map<string, Socket>()
  /** The last answers of each connection, more than one where requests are pipelined. */
  readonly #responses = new WeakMap<Socket, ServerResponse[]>()
  readonly #ended = new WeakSet<Socket>()

  constructor(limits: ConnectionLimits) {
    this.#limits = limits
  }

  /** Takes a connection in, or tells why not; then it is not counted. */
  admit(socket: Socket): Problem | undefined {
    const address = socket.remoteAddress ?? ''
    const count = this.#countByAddress.get(address) ?? 0
    const { connections, connectionsPerAddress } = this.#limits
    const headers = { 'retry-after': '1' }
    if (this.#open.size >= connections) {
      return problem('unavailable', `There may be up to ${connections} connections`, { headers })
    }
    if (count >= connectionsPerAddress) {
      return problem('unavailable', `One address may have up to ${connectionsPerAddress} connections`, { headers })
    }
    const peer = peerOf(socket)
    this.#open.add(socket)
    this.#silent.set(peer, socket)
    this.#countByAddress.set(address, count + 1)
    socket.once('close', () => {
      this.#open.delete(socket)
      if (this.#silent.get(peer) === socket) this.#silent.delete(peer)
      const left = (this.#countByAddress.get(address) ?? 1) - 1
      if (left === 0) this.#countByAddress.delete(address)
      else this.#countByAddress.set(address, left)
    })
    return undefined
  }

  /** Takes down that a request was read and will be answered by `response`. */
  asked(socket: Socket, response: ServerResponse): void {
    const earlier = this.#responses.get(socket)
    if (earlier === undefined) {
      this.#silent.delete(peerOf(socket))
      this.#responses.set(socket, [response])
    } else {
      // Nearly always there is one before, which is answered.
      while (earlier[0]?.writableFinished === true) earlier.shift()
      earlier.push(response)
    }
  }

  /**
   * Takes down that a response was ended. One that the system has is let go at once: a connection that waits for its next request
   * would keep the last one, and all that belongs to it, for so long that it becomes one of the old.
   */
  answered(socket: Socket, response: ServerResponse): void {
    if (!response.req.complete || response.writableLength > 0) return
    const responses = this.#responses.get(socket)
    if (responses?.at(-1) === response) responses.pop()
  }

  /** Takes down that nothing more is answered on a connection: what still comes on it may be hidden in something else. */
  end(socket: Socket): void {
    this.#ended.add(socket)
  }

  /** Whether {@link end} was said of it. */
  hasEnded(socket: Socket): boolean {
    return this.#ended.has(socket)
  }

  /** When an answer to what can't be read may be written. */
  turn(socket: Socket): Turn {
    const responses = this.#responses.get(socket) ?? []
    const last = responses.at(-1)
    const isAnswered = this.#ended.has(socket) || (last?.writableEnded === true && !last.req.complete)
    // A request of which the rest can't be read never gets its own answer: the one to be written takes its place.
    const after = responses.filter((each) => (each.req.complete || each.writableEnded) && !each.writableFinished)
    return { after, isAnswered }
  }

  /** Ends connections that have not asked anything yet: Node counts them as busy, so closing would wait for them. */
  endSilent(): void {
    for (const socket of this.#silent.values()) socket.destroy()
  }

  /** Ends all connections at once. */
  endAll(): void {
    for (const socket of this.#open) socket.destroy()
  }
}

/** One connection of a listener at a time has it. */
function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}
