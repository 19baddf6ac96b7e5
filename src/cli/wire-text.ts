/**
 * A request as it would stand on the wire: the line with method and URL, header fields, an empty line, the body. Called by
 * `render` and by the story of a call.
 */
import type { RenderAnswer } from '../client/client.ts'
import { manyLines, oneLine, paint } from './output.ts'

/** Without a final line feed. */
export function wireText({ method, url, headers, body }: RenderAnswer): string {
  const fields = Object.entries(headers).map(([name, value]) => `${paint('quiet', `${name}:`)} ${oneLine(value)}`)
  const head = [paint('heading', `${method} ${oneLine(url)}`), ...fields].join('\n')
  return body === null || body === '' ? head : `${head}\n\n${manyLines(body)}`
}
