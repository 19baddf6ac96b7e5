/**
 * A rendered request as the API shows it: `{ method, url, headers, body }`. Used by render and by the story of a call.
 */
import type { RenderedRequest } from '../../model/request-spec.ts'

/** `origin` is scheme, host and port that it goes to. */
export function requestView(origin: string, rendered: RenderedRequest): object {
  const { method, path, body } = rendered
  return { method, url: `${origin}${path}`, headers: headersObject(rendered), body }
}

/** Names in lower case; values as text, since they are bytes of UTF-8 on the wire; a repeated field is joined by commas. */
function headersObject({ headers }: RenderedRequest): Readonly<Record<string, string>> {
  const fields = new Map<string, string>()
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = (headers[index] ?? '').toLowerCase()
    const value = Buffer.from(headers[index + 1] ?? '', 'latin1').toString('utf8')
    const before = fields.get(name)
    fields.set(name, before === undefined ? value : `${before}, ${value}`)
  }
  return Object.fromEntries(fields)
}
