/**
 * Customers' servers that attack whoever calls them, a manner each, by the number in the path of the request. Run by
 * `attack-process.ts`; what comes of each answer is the tests' business (`test/security/answers*.test.ts`), here they cost time.
 */
import { createServer, type Server, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'

const OK = 'HTTP/1.1 200 OK\r\n'
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`

/** 50 MiB of zeros in 50 KiB. */
const BOMB = gzipSync(Buffer.alloc(50 * 2 ** 20))

/** Bodies just below what is read, of what costs a reader of XML and HTML most. */
const XML = `<action><app>ivr</app>${'<a b="&amp;"/>'.repeat(4600)}</action>`
const HTML = '<br>x'.repeat(13_000)

const DRIP_MS = 20

/** More than the body, head and interim limits, a little at a time for the limit of the wire. */
const POURED_BYTES = 131_072

/** In the order of the webhooks that call them. */
export const HOSTILE: readonly ((socket: Socket) => void)[] = [
  // Hangs.
  () => undefined,
  (socket) => drip(socket, `${OK}content-length: 60000\r\n\r\n`, 'x'),
  (socket) => drip(socket, OK, 'x-a: b\r\n'),
  (socket) => pour(socket, `${OK}\r\n`, 'x'.repeat(16_384)),
  (socket) => pour(socket, CHUNKED, `400\r\n${'x'.repeat(1024)}\r\n`),
  (socket) => pour(socket, `${CHUNKED}4;`, 'x'.repeat(16_384)),
  (socket) => pour(socket, '', 'HTTP/1.1 103 X\r\n\r\n'.repeat(100)),
  (socket) => pour(socket, OK, 'x-a: bbbbbbbbbbbbbbbb\r\n'.repeat(100)),
  (socket) => pour(socket, '', '\0\xff rubbish '.repeat(100)),
  (socket) => {
    socket.write(`${OK}content-encoding: gzip\r\ncontent-length: ${BOMB.length}\r\n\r\n`)
    socket.write(BOMB)
  },
  (socket) => whole(socket, XML),
  (socket) => whole(socket, HTML),
  (socket) => void socket.resetAndDestroy(),
  (socket) => void socket.end(),
  (socket) => {
    whole(socket, 'fine')
    socket.write('HTTP/1.1 200 OK\r\n\r\nrubbish')
  },
]

/** Listens on every address of 127/8; resolves with the server when it does. */
export async function serveHostile(): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk) => {
      const [, number] = /^[A-Z]+ \/(\d+)[/?]/.exec(chunk.toString('latin1')) ?? []
      if (number !== undefined) HOSTILE[Number(number)]?.(socket)
    })
  })
  const listening = Promise.withResolvers<void>()
  server.once('error', listening.reject)
  server.listen(0, '0.0.0.0', listening.resolve)
  await listening.promise
  return server
}

function whole(socket: Socket, body: string): void {
  socket.write(`${OK}content-length: ${body.length}\r\n\r\n${body}`)
}

function drip(socket: Socket, head: string, piece: string): void {
  socket.write(head)
  const timer = setInterval(() => socket.write(piece), DRIP_MS)
  socket.once('close', () => clearInterval(timer))
}

/** Without end: at first more than any limit, then as fast as a good line. All share this machine with the engine. */
function pour(socket: Socket, head: string, piece: string): void {
  const block = piece.repeat(Math.ceil(POURED_BYTES / piece.length))
  socket.write(head)
  const timer = setInterval(() => {
    if (!socket.writableNeedDrain) socket.write(block, 'latin1')
  }, DRIP_MS)
  socket.write(block, 'latin1')
  socket.once('close', () => clearInterval(timer))
}
