/**
 * Schemas of quantities and identifiers that only configurations have. Used by every section's schema.
 */
import ipaddr from 'ipaddr.js'
import { z } from 'zod'
import { ACCOUNT_LENGTH } from '../model/event.ts'
import { expected, expectedMessage } from '../profiles/mistake.ts'
import { textField } from '../profiles/settings.ts'
import { formatDuration, formatSize, parseDuration, parseRate, parseSize, type Quantity } from './units.ts'

/** Longest wait that a configuration can name; the same as a year. */
export const DURATION_LIMIT_MS: number = 365 * 24 * 60 * 60 * 1000

/** A duration within both bounds, in milliseconds. */
export function durationField(leastMs: number, mostMs: number): z.ZodType<number> {
  return quantityField('^\\d+(ms|s|m|h|d)$', parseDuration, formatDuration, leastMs, mostMs)
}

/** A size within both bounds, in bytes. */
export function sizeField(leastBytes: number, mostBytes: number): z.ZodType<number> {
  return quantityField('^\\d+(B|KiB|MiB|GiB)$', parseSize, formatSize, leastBytes, mostBytes)
}

function quantityField(
  pattern: string,
  parse: (input: unknown) => Quantity,
  format: (value: number) => string,
  least: number,
  most: number,
): z.ZodType<number> {
  return z
    .unknown()
    .meta({ type: 'string', pattern })
    .transform((input, context): number => {
      const read = parse(input)
      let message = ''
      if (read.kind === 'refused') message = read.message
      else if (read.value < least) message = `${String(input)} is less than the least allowed, ${format(least)}`
      else if (read.value > most) message = `${String(input)} is more than the most allowed, ${format(most)}`
      else return read.value
      context.addIssue({ code: 'custom', message })
      return z.NEVER
    })
}

/** Most requests a second that a rate can name. */
const RATE_LIMIT_PER_SECOND = 1_000_000

/** A rate above zero, as events a second. */
export function rateField(): z.ZodType<number> {
  return z
    .unknown()
    .meta({ type: 'string', pattern: '^\\d+/[smh]$' })
    .transform((input, context): number => {
      const read = parseRate(input)
      if (read.kind === 'read' && read.value > 0 && read.value <= RATE_LIMIT_PER_SECOND) return read.value
      const range = `a rate from 1/h to ${RATE_LIMIT_PER_SECOND}/s is expected, not ${String(input)}`
      context.addIssue({ code: 'custom', message: read.kind === 'refused' ? read.message : range })
      return z.NEVER
    })
}

/** Ids of webhooks and templates: they stand in paths and metric labels (contract, section 1). */
export function idField(): z.ZodType<string> {
  const error = expected('an id (a-z, 0-9, _ and -, a letter or digit first, at most 64)')
  return z.string({ error }).regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, { error })
}

/**
 * Names of accounts and groups: any text of one line. What belongs to an account is found by keys of its name, a line break and
 * another text; a line break in a name could make the keys of two accounts the same.
 */
export function accountField(): z.ZodString {
  return textField(ACCOUNT_LENGTH).regex(/^\P{Cc}*$/u, { error: 'must not hold control characters' })
}

/** An address range in CIDR notation; an address alone is a range of one. */
export function rangeField(): z.ZodType<string> {
  return z
    .unknown()
    .meta({ type: 'string' })
    .transform((input, context): string => {
      const range = typeof input === 'string' ? normalRange(input) : undefined
      if (range !== undefined) return range
      context.addIssue({ code: 'custom', message: expectedMessage('a range such as 10.0.0.0/8 or fd00::/8', input) })
      return z.NEVER
    })
}

/** Only what both ipaddr.js and everybody else read alike: four decimal parts, or IPv6. */
function normalRange(text: string): string | undefined {
  if (!text.includes(':') && !/^\d+\.\d+\.\d+\.\d+(\/\d+)?$/.test(text)) return undefined
  if (ipaddr.isValidCIDR(text)) return text
  if (!ipaddr.isValid(text)) return undefined
  return `${text}/${ipaddr.parse(text).kind() === 'ipv4' ? 32 : 128}`
}
