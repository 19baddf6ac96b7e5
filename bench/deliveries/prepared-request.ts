/**
 * A request made before the clock runs, and what sends it: what all clients have in common.
 */
import { requestHeaderObject, requestHeaders } from '../traffic/request-headers.ts'

/** Path of every request. */
export const REQUEST_PATH = '/leads?key=k1'

/** A request as it was prepared before the clock ran. */
export interface PreparedRequest {
  readonly fields: readonly string[]
  readonly headers: Record<string, string>
  readonly body: Buffer
  /** All of it as it goes over the wire; empty where the client makes that itself. */
  readonly wire: Buffer
}

/** Sends one request and calls back when its answer was read, with what went wrong if anything. */
export type Send = (request: PreparedRequest, onEnd: (error: Error | undefined) => void) => void

/** Where to, and over how many connections. */
export interface ClientTarget {
  readonly origin: string
  readonly connections: number
}

const NO_BYTES = Buffer.alloc(0)

/** Prepares the request of a call; `wireHost` where its bytes are prepared too: the `host` of those. */
export function prepareRequest(number: number, text: string, wireHost?: string): PreparedRequest {
  const fields = requestHeaders(number)
  const body = Buffer.from(text)
  const wire = wireHost === undefined ? NO_BYTES : Buffer.concat([headOf(fields, body, wireHost), body])
  return { fields, headers: requestHeaderObject(number), body, wire }
}

/** With the fields that undici adds, in its order. */
function headOf(fields: readonly string[], body: Buffer, host: string): Buffer {
  const lines = [`POST ${REQUEST_PATH} HTTP/1.1`, `host: ${host}`, 'connection: keep-alive']
  for (let index = 0; index < fields.length; index += 2) lines.push(`${fields[index]}: ${fields[index + 1]}`)
  lines.push(`content-length: ${body.length}`)
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`)
}
