/**
 * The log: one JSON object a line, every text in it masked, whoever wrote it. Invariant: nothing of what is logged reaches
 * the stream around the mask. Made by `switchhook serve`; the engine and the ingress write to it.
 */
import { type DestinationStream, pino } from 'pino'
import { MASKED, maskNumbers, maskUrls } from './mask.ts'
import { SecretMask } from './secret-mask.ts'

/** A log that masks. */
export interface Log {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  /** Takes out these secrets as well from now on; earlier ones stay, since what is in flight may still name them. */
  hide(secrets: Iterable<string>): void
}

/** Levels of nesting that are logged; what is deeper is left out. */
const DEPTH_LIMIT = 6

/** Names of fields whose text is a secret whatever it holds. */
const SECRET_FIELD = /authorization|cookie|password|secret|signature|token/i

/** A log that writes to `stream`. */
export function createLog(stream: DestinationStream): Log {
  const logger = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, stream)
  const secrets = new SecretMask()
  const mask = (text: string): string => maskNumbers(maskUrls(secrets.mask(text)))
  const fieldsOf = (fields: object): object => Object.fromEntries(maskedEntries(fields, mask, DEPTH_LIMIT))
  return {
    info: (fields, message) => logger.info(fieldsOf(fields), mask(message)),
    warn: (fields, message) => logger.warn(fieldsOf(fields), mask(message)),
    error: (fields, message) => logger.error(fieldsOf(fields), mask(message)),
    hide: (more) => secrets.add(more),
  }
}

type Mask = (text: string) => string

function maskedEntries(value: object, mask: Mask, depth: number): [string, unknown][] {
  return Object.entries(value).map(([name, member]) => {
    const isSecret = typeof member === 'string' && SECRET_FIELD.test(name)
    return [mask(name), isSecret ? MASKED : masked(member, mask, depth - 1)]
  })
}

function masked(value: unknown, mask: Mask, depth: number): unknown {
  if (typeof value === 'string') return mask(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth <= 0) return undefined
  if (value instanceof Error) return maskedError(value, mask, depth)
  if (Array.isArray(value)) return value.map((member) => masked(member, mask, depth - 1))
  return Object.fromEntries(maskedEntries(value, mask, depth))
}

/** Message and stack are no properties that would be seen; the others (`code`, `issues`) are. */
function maskedError(error: Error, mask: Mask, depth: number): object {
  const { name, message, stack, cause } = error
  return {
    ...Object.fromEntries(maskedEntries(error, mask, depth)),
    type: mask(name),
    message: mask(message),
    ...(stack !== undefined && { stack: mask(stack) }),
    ...(cause !== undefined && { cause: masked(cause, mask, depth - 1) }),
  }
}
