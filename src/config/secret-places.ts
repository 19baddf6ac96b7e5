/**
 * Where secrets stand in a webhook as it was written, from the file or the API. One table for all that shows such a webhook:
 * what it does not know would be shown. Used for answers of the API and for exports.
 */
import { CREDENTIAL_HEADERS, replaceUserInfo } from '../compile/credentials.ts'
import { entriesOf } from '../profiles/entries.ts'
import { HIDDEN_SECRET, HIDDEN_USER_INFO } from './api-secrets.ts'
import { referenceKey } from './secrets.ts'

type Fields = Readonly<Record<string, unknown>>

/** A webhook without its secrets: {@link HIDDEN_SECRET} stands for each, and references to variables and files stay. */
export function withoutSecrets(webhook: Fields): Fields {
  return Object.fromEntries(Object.entries(webhook).map(([key, value]) => [key, shownMember(key, value)]))
}

function shownMember(key: string, value: unknown): unknown {
  switch (key) {
    case 'signing':
      return shownFields(value, (member, name) =>
        name === 'secrets' && Array.isArray(member) ? member.map(hidden) : hidden(member),
      )
    case 'tls':
      // Certificates are shown to whoever connects.
      return shownFields(value, (member, name) => (name === 'key' ? hidden(member) : shownText(member)))
    case 'apiSecret':
      return hidden(value)
    case 'headers':
      return shownHeaders(value)
    case 'url':
      return shownUrl(value)
    case 'fallback':
      return shownFields(value, (member, name) => (name === 'url' ? shownUrl(member) : member))
    default:
      return value
  }
}

function shownFields(value: unknown, show: (member: unknown, name: string) => unknown): unknown {
  const entries = entriesOf(value)
  return entries === undefined ? value : Object.fromEntries(entries.map(([name, member]) => [name, show(member, name)]))
}

function shownHeaders(value: unknown): unknown {
  if (!Array.isArray(value)) return shownFields(value, (member, name) => shownHeader(name, member))
  return value.map((item: unknown) => {
    const name = new Map(entriesOf(item) ?? []).get('name')
    return shownFields(item, (member, key) => (key === 'value' ? shownHeader(name, member) : member))
  })
}

/** A value is a secret where it was given as one, or where its field carries nothing else. */
function shownHeader(name: unknown, value: unknown): unknown {
  const isSecret = entriesOf(value) !== undefined || CREDENTIAL_HEADERS.has(String(name).toLowerCase())
  return isSecret ? hidden(value) : value
}

/** What need not be hidden though it was given in the form of a secret. */
function shownText(value: unknown): unknown {
  const member = new Map(entriesOf(value) ?? []).get('secret')
  return typeof member === 'string' ? member : value
}

function shownUrl(value: unknown): unknown {
  return typeof value === 'string' ? replaceUserInfo(value, `${HIDDEN_USER_INFO}@`) : value
}

function hidden(value: unknown): unknown {
  return referenceKey(value) === undefined ? HIDDEN_SECRET : value
}
