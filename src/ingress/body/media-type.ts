/**
 * Reads `content-type` and `accept` (RFC 9110, 8.3 and 12.5.1). Anything that can't be read counts as absent, since neither
 * field may cost a call record. Called by the event readers and by invoke.
 */

/** A media type in lower case with its charset label, empty where it has none. */
export interface MediaType {
  readonly essence: string
  readonly charset: string
}

/** Reads a `content-type`; the essence is empty where there is none. */
export function readContentType(field: string | undefined): MediaType {
  if (field === undefined) return { essence: '', charset: '' }
  const semicolon = field.indexOf(';')
  if (semicolon === -1) return { essence: field.trim().toLowerCase(), charset: '' }
  const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(field)?.[1] ?? ''
  return { essence: field.slice(0, semicolon).trim().toLowerCase(), charset: charset.toLowerCase() }
}

/** Whether a media type is JSON by its name (RFC 6839, 3.1: structured syntax suffix). */
export function isJson(essence: string): boolean {
  return essence === 'application/json' || essence.endsWith('+json')
}

/**
 * Which of `offers` an `accept` field prefers: the highest quality, earlier offers on a tie. The first offer where the
 * field is absent or accepts none of them: a live call is better served with an answer than with 406.
 */
export function preferredType<Offer extends string>(
  accept: string | undefined,
  offers: readonly [Offer, ...Offer[]],
): Offer {
  const [first] = offers
  if (accept === undefined || accept === '*/*') return first
  const ranges = accept.split(',').map(readRange)
  let best: Offer = first
  let bestQuality = 0
  for (const offer of offers) {
    const quality = qualityOf(offer, ranges)
    if (quality > bestQuality) {
      best = offer
      bestQuality = quality
    }
  }
  return best
}

interface MediaRange {
  readonly range: string
  readonly quality: number
}

function readRange(text: string): MediaRange {
  const [range = '', ...parameters] = text.split(';')
  let quality = 1
  for (const parameter of parameters) {
    const weight = /^\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*$/i.exec(parameter)?.[1]
    if (weight !== undefined) quality = Number(weight)
  }
  return { range: range.trim().toLowerCase(), quality }
}

/** The most specific range that covers the offer decides (RFC 9110, 12.5.1). */
function qualityOf(offer: string, ranges: readonly MediaRange[]): number {
  const candidates = [offer, `${offer.slice(0, offer.indexOf('/'))}/*`, '*/*']
  for (const candidate of candidates) {
    const match = ranges.find(({ range }) => range === candidate)
    if (match !== undefined) return match.quality
  }
  return 0
}
