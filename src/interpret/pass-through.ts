/**
 * Pass-through data, `key|value||key|value` (dialogtech-ivr-webhook, "Using Pass-Through Data"). The text itself always goes
 * back unchanged; the object is made only where the text means one thing and loses nothing by it.
 */

/**
 * The pairs of `text`; `undefined` where it is not of that format, or a key stands twice. A key has at least one character,
 * a value may be empty; neither has a bar in it. White space counts.
 */
export function parsePassThrough(text: string): Readonly<Record<string, string>> | undefined {
  const pair = /([^|]+)\|([^|]*)(?:\|\||$)/y
  const values = new Map<string, string>()
  while (pair.lastIndex < text.length) {
    const match = pair.exec(text)
    if (match === null) return undefined
    const [source, key = '', value = ''] = match
    const endsWithSeparator = pair.lastIndex === text.length && source.endsWith('||')
    if (endsWithSeparator || values.has(key)) return undefined
    values.set(key, value)
  }
  return values.size === 0 ? undefined : Object.fromEntries(values)
}
