/**
 * The floor under every HTTP client: finished bytes written to sockets, and of an answer no more read than tells its status and its
 * end. It checks nothing, understands answers of the bench's receiver alone, and shows how much of the limit is the client.
 */
import { connect, type Socket } from 'node:net'
import type { ClientTarget, Send } from './prepared-request.ts'

const HEAD_END = '\r\n\r\n'
const OK = Buffer.from('HTTP/1.1 200 ')

/** Sends over as many sockets as there may be connections. */
export function socketClient({ origin, connections }: ClientTarget): Send {
  const { hostname, port } = new URL(origin)
  const free: Line[] = []
  let lines = 0
  const connectLine = (): Line => {
    lines += 1
    if (lines > connections) throw new Error(`more than ${connections} requests at once`)
    return new Line(connect(Number(port), hostname).setNoDelay(true), (line) => free.push(line))
  }
  return ({ wire }, onEnd) => (free.pop() ?? connectLine()).send(wire, onEnd)
}

/** One socket, with one request under way at most. */
class Line {
  readonly #socket: Socket
  #received: Buffer = Buffer.alloc(0)
  #onEnd: (error: Error | undefined) => void = () => undefined

  constructor(socket: Socket, giveBack: (line: Line) => void) {
    this.#socket = socket
    socket.on('error', (error) => this.#onEnd(error))
    socket.on('data', (chunk) => {
      this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk])
      if (!isWhole(this.#received)) return
      const isOk = this.#received.subarray(0, OK.length).equals(OK)
      this.#received = Buffer.alloc(0)
      giveBack(this)
      this.#onEnd(isOk ? undefined : new Error('the receiver did not answer 200'))
    })
  }

  send(wire: Buffer, onEnd: (error: Error | undefined) => void): void {
    this.#onEnd = onEnd
    this.#socket.write(wire)
  }
}

/** Whether head and body are there; answers have a `content-length`. */
function isWhole(received: Buffer): boolean {
  const headEnd = received.indexOf(HEAD_END)
  if (headEnd === -1) return false
  const length = /\r\ncontent-length: (\d+)\r\n/.exec(received.toString('latin1', 0, headEnd + 2))?.[1]
  return received.length >= headEnd + HEAD_END.length + Number(length)
}
