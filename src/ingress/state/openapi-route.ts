/**
 * `GET /openapi.json`: the API's document, as `npm run schema` has made it of the schemas that validate. It is read from the
 * package when it is first asked for, so that neither the start nor a live call waits for it. Anybody may ask: it is in the
 * package, and holds nothing of a configuration.
 */
import { hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { HttpAnswer } from '../http/answer.ts'
import type { Route } from '../route.ts'

/** Beside `src` and `dist`. */
const FILE = new URL('../../../schema/openapi.json', import.meta.url)

/** Characters of the digest that tells one version from another. */
const TAG_LENGTH = 16

/** The route of this file. */
export function openApiRoute(): Route {
  let read: Promise<HttpAnswer> | undefined
  return {
    method: 'GET',
    path: '/openapi.json',
    right: 'open',
    answersHead: true,
    handle: async ({ request }) => {
      read ??= readDocument().catch((error: unknown) => {
        read = undefined
        throw error
      })
      const answer = await read
      const { headers } = answer
      return isCurrent(request.headers['if-none-match'], headers?.['etag'] ?? '')
        ? { ...answer, status: 304, body: '' }
        : answer
    },
  }
}

async function readDocument(): Promise<HttpAnswer> {
  const body = await readFile(FILE, 'utf8')
  const etag = `"${hash('sha256', body, 'base64url').slice(0, TAG_LENGTH)}"`
  return {
    status: 200,
    contentType: 'application/json; charset=utf-8',
    body,
    // To be kept, and asked again whether it is still right.
    headers: { etag, 'cache-control': 'no-cache' },
  }
}

/** Whether a client has it already (RFC 9110, 13.1.2: weak comparison). */
function isCurrent(ifNoneMatch: string | undefined, etag: string): boolean {
  const tags = (ifNoneMatch ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return tags.includes('*') || tags.includes(etag)
}
