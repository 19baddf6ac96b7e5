/**
 * The process that `decoy.ts` starts: a plain HTTP server. Bodies are read and dropped. Calls and events make it ask the hostile
 * server that they lead to, as often as the engine would, and drop what comes up to the engine's limit.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { hostileHost } from './attack.ts'

/** The engine reads so much of an answer, and waits so long for it. */
const ANSWER_BYTES = 131_072
const ANSWER_MS = 2000

/** As the webhooks of the attack have it. */
const TRIES = 3
const RETRY_MS = 1000

const hostilePort = Number(process.argv[2])

const server = createServer((request, response) => {
  request.on('error', () => undefined)
  void serve(request, response).catch(() => response.destroy())
})
server.on('clientError', (_error, socket) => {
  if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n', () => socket.destroy())
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const address = server.address()
process.send?.(typeof address === 'object' ? address?.port : undefined)
process.on('disconnect', () => process.exit(0))

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, called] = /^\/v1\/webhooks\/hostile-(\d+)\/invoke$/.exec(request.url ?? '') ?? []
  if (called !== undefined) {
    await drop(request)
    await ask(Number(called))
    answer(response, 200, '{"decision":{}}')
    return
  }
  // Those of its events are small, and must be read to know where they lead.
  const isSmall = Number(request.headers['content-length']) < 1000
  const body = isSmall ? await text(request) : await drop(request)
  const [, triggered] = /"to\.hostile\.(\d+)"/.exec(body) ?? []
  answer(response, 202, '{"accepted":[]}')
  for (let attempt = 0; triggered !== undefined && attempt < TRIES; attempt += 1) {
    await pause(attempt * RETRY_MS)
    await ask(Number(triggered))
  }
}

async function drop(request: IncomingMessage): Promise<string> {
  request.resume()
  await once(request, 'close')
  return ''
}

function answer(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(body)
}

/** Asks a hostile server, and takes what the engine would take of its answer. */
async function ask(number: number): Promise<void> {
  const socket = connect(hostilePort, hostileHost(number))
  let taken = 0
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk) => {
    taken += chunk.length
    if (taken > ANSWER_BYTES) socket.destroy()
  })
  socket.setTimeout(ANSWER_MS, () => socket.destroy())
  const deadline = setTimeout(() => socket.destroy(), ANSWER_MS)
  socket.write(`GET /${number}/? HTTP/1.1\r\nhost: ${hostileHost(number)}\r\n\r\n`)
  await once(socket, 'close')
  clearTimeout(deadline)
}
