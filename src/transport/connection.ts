/**
 * One connection of an endpoint and the undici client around it, which writes requests and parses answers. Invariant: carries one
 * exchange at a time, and a request is written at most once: a kept-alive connection that turns out to be closed before
 * anything was written is made anew, later failures are the exchange's. Owned by a pool, used by one exchange after the other.
 */
import type { Socket } from 'node:net'
import { Client, type Dispatcher } from 'undici'
import type { Phases } from '../model/attempt.ts'
import { ANSWER_WIRE_LIMIT_BYTES, AnswerInput } from './answer-input.ts'
import { ExchangeError } from './classify.ts'
import { ConnectAttempt, type ConnectServices, type ConnectStage, type ConnectTarget } from './connector.ts'

/** How long a connection stays open unused where the server does not say, in milliseconds; under the 5 s of Apache and Node servers. */
const KEEP_ALIVE_MS = 4000

/** An exchange, as its connection sees it. */
export interface ConnectionUser extends Dispatcher.DispatchHandler {
  /** Limit of the whole connection attempt, which the user enforces. */
  readonly connectTimeoutMs: number
  /** The connection has to be made, or made again, first. */
  onConnecting(): void
  /** Ends the exchange as cancelled. */
  abort(): void
}

/** A connection's pool, as the connection sees it. */
export interface ConnectionOwner {
  /** The socket is closed. */
  onSocketClosed(connection: Connection): void
}

/** What goes out, but for the fields that undici adds itself (`host`, `connection`, `content-length`). */
export interface WireRequest {
  readonly method: string
  readonly path: string
  /** Name, value, name, value …; undici takes no readonly array, and changes none. */
  readonly headers: string[]
  readonly body: string | null
}

/** How a connection is made and kept. */
export interface ConnectionOptions {
  readonly origin: string
  readonly target: ConnectTarget
  readonly services: ConnectServices
  /** Longest time unused that a server's `keep-alive: timeout` can ask for, in milliseconds. */
  readonly keepAliveMaxMs: number
}

/** A connection that may not be open yet, or any more. */
export class Connection {
  readonly #owner: ConnectionOwner
  readonly #options: ConnectionOptions
  readonly #client: Client
  #user: ConnectionUser | undefined
  #attempt: ConnectAttempt | undefined
  #socket: Socket | undefined
  #input: AnswerInput | undefined

  constructor(owner: ConnectionOwner, options: ConnectionOptions) {
    this.#owner = owner
    this.#options = options
    this.#client = new Client(options.origin, {
      pipelining: 1,
      allowH2: false,
      useMilo: false,
      // Never reached: undici makes an error of every field beyond it, milliseconds of work for one packet.
      maxHeaderSize: ANSWER_WIRE_LIMIT_BYTES,
      // undici's timers are coarse above a second and restart with every chunk: exchanges have deadlines of their own.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: options.keepAliveMaxMs,
      connect: (_options, callback) => this.#connect(callback),
    })
  }

  /** Whether there is a socket. */
  get isOpen(): boolean {
    return this.#socket !== undefined && !this.#socket.destroyed
  }

  /** Whether another request may be written: open, and the last request completely handed to the system. */
  get isReusable(): boolean {
    return this.isOpen && this.#socket?.writableLength === 0
  }

  /** The exchange that uses the connection. */
  get user(): ConnectionUser | undefined {
    return this.#user
  }

  /** What the current user's connection attempt is or was last busy with; absent where it needed none. */
  get stage(): ConnectStage | undefined {
    return this.#attempt?.stage
  }

  /** Times of the connection attempt that the current user needed; absent where it needed none. */
  get connectPhases(): Phases | undefined {
    return this.#attempt?.phases
  }

  /** Sends one request; `user` is its handler, called from now on and perhaps before this returns. */
  dispatch(request: WireRequest, user: ConnectionUser): void {
    this.#user = user
    this.#client.dispatch(request, user)
  }

  /** The user's request is being written. */
  expectAnswer(): void {
    this.#input?.expectHead()
  }

  /** The head of the user's answer is complete. */
  headEnded(): void {
    this.#input?.headEnded()
  }

  /** The user has no more need of the connection. */
  leave(): void {
    this.#user = undefined
    this.#attempt = undefined
  }

  /** Closes the connection at once, whatever it is doing; safe to call twice. */
  destroy(): void {
    this.#attempt?.cancel()
    this.leave()
    this.#client.destroy(null, ignoreDestroyed)
  }

  #connect(callback: (...result: [null, Socket] | [Error, null]) => void): void {
    const user = this.#user
    if (user === undefined) {
      callback(new ExchangeError('internal', 'a connection was to be made for nobody'), null)
      return
    }
    const { target, services } = this.#options
    this.#attempt = new ConnectAttempt(target, services, user.connectTimeoutMs, (result) => {
      if ('error' in result) {
        callback(result.error, null)
        return
      }
      this.#adopt(result.socket)
      callback(null, result.socket)
    })
    user.onConnecting()
    this.#attempt.start()
  }

  #adopt(socket: Socket): void {
    this.#socket = socket
    this.#input = new AnswerInput(socket)
    socket.once('close', () => {
      if (this.#socket === socket) this.#socket = undefined
      this.#owner.onSocketClosed(this)
    })
  }
}

/** undici makes a promise where it gets no callback. */
function ignoreDestroyed(): void {
  // Nothing waits for the end of a connection.
}
