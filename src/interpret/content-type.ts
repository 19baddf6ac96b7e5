/**
 * The field `content-type` (RFC 9110, 8.3) as far as answers are read by it: media type and charset.
 * Never fails: customers' servers send all sorts of things, and what is not understood counts as not sent.
 */

/** What a `content-type` field says. */
export interface ContentType {
  /** In lower case, without parameters; empty where the field was. */
  readonly mediaType: string
  /** As it came, without quotes; empty where there is none. */
  readonly charset: string
}

/** Reads a `content-type` field; case and white space do not matter, nor do parameters other than `charset`. */
export function parseContentType(field: string): ContentType {
  const semicolon = field.indexOf(';')
  if (semicolon === -1) return { mediaType: field.trim().toLowerCase(), charset: '' }
  const mediaType = field.slice(0, semicolon)
  const charset = /;\s*charset\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s;"']*))/i.exec(field)
  return {
    mediaType: mediaType.trim().toLowerCase(),
    charset: (charset?.[1] ?? charset?.[2] ?? charset?.[3] ?? '').trim(),
  }
}

/** Whether the media type is one of the two that VCC Live reads as JSON ("application/JSON or text/JSON"). */
export function isJsonType(mediaType: string): boolean {
  return mediaType === 'application/json' || mediaType === 'text/json'
}
