/**
 * Attributes in header fields: binary mode of CloudEvents (HTTP protocol binding 1.0.2, 3.1). Values are percent-encoded
 * UTF-8, a quoted string first being unquoted (3.1.3.2). Called by the event reader.
 */
import { isUtf8 } from 'node:buffer'
import type { IncomingHttpHeaders } from 'node:http'
import type { DecodeText } from '../body/charset.ts'
import { percentDecode } from '../body/form.ts'
import type { RawAttributes } from './event-attributes.ts'

/** Whether the header fields carry an event's attributes. */
export function hasAttributeHeaders(headers: IncomingHttpHeaders): boolean {
  for (const name in headers) {
    if (name.startsWith('ce-')) return true
  }
  return false
}

/** The attributes among the header fields; an empty field counts as absent. */
export function attributesOfHeaders(headers: IncomingHttpHeaders, decode: DecodeText): RawAttributes {
  const read = (name: string): string | undefined => {
    const field = headers[`ce-${name}`]
    return typeof field === 'string' && field !== '' ? decodeField(field, decode) : undefined
  }
  return {
    id: read('id'),
    source: read('source'),
    type: read('type'),
    subject: read('subject'),
    time: read('time'),
    account: read('account'),
    specversion: read('specversion'),
    traceparent: read('traceparent'),
  }
}

function decodeField(field: string, decode: DecodeText): string {
  const quoted = /^"(.*)"$/s.exec(field)?.[1]
  const text = quoted === undefined ? field : quoted.replace(/\\(.)/gs, '$1')
  // Many clients, the CloudEvents SDK for JavaScript among them, send characters as Latin-1 bytes instead of escapes.
  const isUtf8Text = isUtf8(Buffer.from(text, 'latin1'))
  return percentDecode(isUtf8Text ? text : Buffer.from(text).toString('latin1'), decode)
}
