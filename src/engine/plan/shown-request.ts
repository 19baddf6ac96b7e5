/**
 * A request specification as it may be shown: secrets, credentials and the user info of its URL give way to a placeholder,
 * and what is rendered of it is otherwise what would be sent. Used by the plan for `render`.
 */
import { CREDENTIAL_HEADERS, replaceUserInfo, userInfoIn } from '../../compile/credentials.ts'
import type { HeaderSpec, ParamGroup, RequestSpec } from '../../model/request-spec.ts'

/** What stands in the place of a secret. */
const SHOWN_SECRET = '[secret]'

/** `spec` without anything that only the customer's server may see. */
export function shownRequest(spec: RequestSpec): RequestSpec {
  const { url } = spec
  const headers = spec.headers.map(shownHeader)
  // User and password of a URL are sent as this header, unless it is configured.
  const isHeaderMade = userInfoIn(url.text) !== undefined && !headers.some(({ name }) => name === 'authorization')
  return {
    ...spec,
    url: { ...url, text: replaceUserInfo(url.text, '') },
    query: spec.query.map(shownGroup),
    headers: isHeaderMade ? [...headers, shownHeader({ name: 'authorization', value: url })] : headers,
  }
}

function shownHeader(header: HeaderSpec): HeaderSpec {
  if (header.isSecret !== true && !CREDENTIAL_HEADERS.has(header.name)) return header
  return { ...header, value: { text: SHOWN_SECRET, syntax: 'none' } }
}

function shownGroup(group: ParamGroup): ParamGroup {
  return {
    ...group,
    params: group.params.map(({ name, value }) => {
      if (value.kind !== 'text' || value.isSecret !== true) return { name, value }
      return { name, value: { kind: 'text', text: SHOWN_SECRET, syntax: 'none' } }
    }),
  }
}
