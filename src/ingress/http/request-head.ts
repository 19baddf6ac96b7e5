/**
 * Checks a request's head for what Node's parser lets through and RFC 9112 does not, or what two servers in a row could
 * read differently, and for the limits that the parser does not know. Called by the server before anything else is done;
 * after a refusal the connection is closed, since nobody knows where the next request begins.
 */
import type { IncomingMessage } from 'node:http'
import type { IngressLimits } from '../limits.ts'
import { type Problem, type ProblemName, problem } from '../problems.ts'

type Head = Pick<IncomingMessage, 'headers' | 'rawHeaders' | 'httpVersion' | 'url'>

/** Undefined where nothing is wrong. */
export function checkHead(
  head: Head,
  limits: Pick<IngressLimits, 'headerFields' | 'targetBytes'>,
): Problem | undefined {
  const { headers, rawHeaders, httpVersion, url = '' } = head
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return refusal('malformed-request', 'HTTP/1.1 is expected')
  if (rawHeaders.length > 2 * limits.headerFields) {
    return refusal('headers-too-large', `A request may have up to ${limits.headerFields} header fields`)
  }
  // Node writes the target in Latin-1: one character a byte.
  if (url.length > limits.targetBytes) {
    return refusal(
      'target-too-long',
      `Path and query may have up to ${limits.targetBytes} bytes; send data points in a body`,
    )
  }
  const host = hostProblem(head)
  if (host !== undefined) return refusal('malformed-request', host)
  if (headers.expect !== undefined && headers.expect.toLowerCase() !== '100-continue') {
    return refusal('expectation-failed', 'Only 100-continue can be expected')
  }
  const coding = headers['transfer-encoding']
  if (coding !== undefined && (coding.toLowerCase() !== 'chunked' || httpVersion === '1.0')) {
    return refusal('malformed-request', 'transfer-encoding may only be chunked, and only in HTTP/1.1')
  }
  return undefined
}

/** RFC 9112, 3.2: exactly one `host`; where the target names a host as well, both must be the same. */
function hostProblem({ headers, rawHeaders, httpVersion, url = '' }: Head): string | undefined {
  let hosts = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.length === 4 && rawHeaders[index]?.toLowerCase() === 'host') hosts += 1
  }
  if (hosts > 1) return 'host is given more than once'
  if (hosts === 0 && httpVersion === '1.1') return 'host is missing'
  if (url.startsWith('/') || url === '*' || headers.host === undefined) return undefined
  const authority = /^https?:\/\/([^/?#]*)/i.exec(url)?.[1]
  return authority?.toLowerCase() === headers.host.toLowerCase() ? undefined : 'the request target names another host'
}

function refusal(name: ProblemName, detail: string): Problem {
  return problem(name, detail, { headers: { connection: 'close' } })
}
