/**
 * Answers what is not HTTP, or too much of it, before any route is known: problem+json on the bare socket, which is then
 * closed. Called by the server for what Node's parser refuses, for CONNECT, and for connections beyond the limit.
 */
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { HEADER_LIMIT_BYTES } from '../limits.ts'
import { type Problem, problem } from '../problems.ts'
import { problemAnswer, SECURITY_HEADERS } from './answer.ts'

/** Writes a problem as the connection's last answer and closes it; returns the status. */
export function answerLast(occurrence: Problem, socket: Socket): number {
  const { status, contentType, body, headers } = problemAnswer(occurrence)
  const all = {
    ...SECURITY_HEADERS,
    ...headers,
    'content-type': contentType,
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  }
  const fields = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${fields.join('')}\r\n${body}`, () => socket.destroy())
  return status
}

/** The problem behind an error of Node's parser; undefined where there is no client that could read one. */
export function problemOfParser({ code = '' }: { readonly code?: string }): Problem | undefined {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return problem(
        'headers-too-large',
        `Request line and header fields may have up to ${HEADER_LIMIT_BYTES} bytes together`,
      )
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return problem('too-large', 'The extensions of the chunks are too large')
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return problem('request-timeout', 'The request did not arrive in time')
    default:
      // Everything else is of the socket or of TLS, and then nobody is left who would understand.
      return code.startsWith('HPE_')
        ? problem('malformed-request', 'The request is not HTTP/1.1 as RFC 9112 has it')
        : undefined
  }
}
