/**
 * Answers what is not HTTP, or too much of it, before any route is known: the parser's errors become problem+json on the
 * bare socket, which is then closed. Called by the server for `clientError`.
 */
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { problemAnswer, SECURITY_HEADERS } from './answer.ts'
import { HEADER_LIMIT_BYTES } from './limits.ts'
import { type Problem, problem } from './problems.ts'

/** Answers and closes; returns the status, or undefined where nobody is left to read one. */
export function answerClientError(error: Error & { readonly code?: string }, socket: Socket): number | undefined {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return undefined
  }
  const { status, contentType, body } = problemAnswer(problemOf(error.code))
  const headers = {
    ...SECURITY_HEADERS,
    'content-type': contentType,
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  }
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${fields.join('')}\r\n${body}`, () => socket.destroy())
  return status
}

function problemOf(code: string | undefined): Problem {
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
      return problem('malformed-request', 'The request is not HTTP/1.1 as RFC 9112 has it')
  }
}
