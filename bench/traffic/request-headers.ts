/**
 * The header fields that every contender sends with a body, since the engine sends them and bytes on the wire cost time: the
 * names are the engine's, the values as long as its own.
 */

/** Of the call with this number; name and value in turn. */
export function requestHeaders(number: number): readonly string[] {
  const digits = String(number).padStart(8, '0')
  return [
    'content-type',
    'application/json',
    'user-agent',
    'switchhook/0.1.0',
    'accept-encoding',
    'identity',
    'webhook-id',
    `019d3d24a0007000${digits}0001`,
    'webhook-timestamp',
    '1774692300',
    'traceparent',
    `00-0af7651916cd43dd8448eb21${digits}-b7ad6b71${digits}-01`,
  ]
}

/** The same as an object, for clients that want one. */
export function requestHeaderObject(number: number): Record<string, string> {
  const fields = requestHeaders(number)
  const object: Record<string, string> = {}
  for (let index = 0; index < fields.length; index += 2) object[fields[index] ?? ''] = fields[index + 1] ?? ''
  return object
}
