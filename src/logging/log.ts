/**
 * The log: one JSON object a line, every text in it masked, whoever wrote it, and of lines that repeat themselves only the first
 * and how many there were. Invariant: nothing of what is logged reaches the stream around the mask, and no audit line is ever
 * left out. Made by `switchhook serve`; the engine and the ingress write to it.
 */
import { type DestinationStream, pino } from 'pino'
import type { LogLevel } from './levels.ts'
import { MASKED, maskNumbers, maskUrls } from './mask.ts'
import { SAMPLER_LIMITS, Sampler, type SamplerLimits } from './sampler.ts'
import { SecretMask } from './secret-mask.ts'

/** A log that masks. */
export interface Log {
  /** Lines of lower levels are not written, but for those of the audit. Can be set at any time. */
  level: LogLevel
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  /** Takes out these secrets as well from now on; earlier ones stay, since what is in flight may still name them. */
  hide(secrets: Iterable<string>): void
  /** Tells what was left out and not yet told; call it at the end. Safe to call twice, and to log after. */
  flush(): void
}

/** How much is logged. */
export interface LogOptions {
  /** Default `info`. */
  readonly level?: LogLevel
  readonly sampling?: SamplerLimits
}

/** Lines that are sampled together, as the line tells that stands for those left out. */
interface Kind {
  readonly level: LogLevel
  readonly message: string
  /** What the lines are about, where a {@link Subject} says so. */
  readonly fields: object
}

/** The higher, the more it matters. */
const RANKS: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 }

/** Levels of nesting that are logged; what is deeper is left out. */
const DEPTH_LIMIT = 6

/** Names of fields whose text is a secret whatever it holds. */
const SECRET_FIELD = /authorization|cookie|password|secret|signature|token/i

/**
 * What of an audit line are words of the engine, ids of the configuration, or who it was: a secret that is such a word, as anybody
 * may choose one, hides none.
 */
const AUDIT_FIELDS: ReadonlySet<string> = new Set('audit by from to result origin state webhook template'.split(' '))

/** Fields by which lines of one message are told apart: a customer's flood hides no other's first line. */
type Subject = { readonly webhook?: unknown; readonly endpoint?: unknown }

/** A log that writes to `stream`. */
export function createLog(stream: DestinationStream, options: LogOptions = {}): Log {
  return new MaskingLog(stream, options)
}

class MaskingLog implements Log {
  level: LogLevel
  readonly #logger: pino.Logger
  readonly #secrets = new SecretMask()
  readonly #sampler: Sampler<Kind>
  #timer: NodeJS.Timeout | undefined

  constructor(stream: DestinationStream, { level = 'info', sampling = SAMPLER_LIMITS }: LogOptions) {
    this.level = level
    // What is to be written is decided here, since an audit line is written at every level.
    this.#logger = pino({ base: null, level: 'debug', timestamp: pino.stdTimeFunctions.isoTime }, stream)
    this.#sampler = new Sampler({ level: 'warn', message: 'lines of other kinds', fields: {} }, sampling)
  }

  debug(fields: object, message: string): void {
    this.#log('debug', fields, message)
  }

  info(fields: object, message: string): void {
    this.#log('info', fields, message)
  }

  warn(fields: object, message: string): void {
    this.#log('warn', fields, message)
  }

  error(fields: object, message: string): void {
    this.#log('error', fields, message)
  }

  hide(secrets: Iterable<string>): void {
    this.#secrets.add(secrets)
  }

  flush(): void {
    this.#tell(Number.POSITIVE_INFINITY)
  }

  #log(level: LogLevel, fields: object, message: string): void {
    const isAudit = 'audit' in fields
    if (!isAudit && RANKS[level] < RANKS[this.level]) return
    if (isAudit || this.#isTaken(level, fields, message)) this.#write(level, fields, message)
  }

  /** Before masking, and made for floods: what is left out costs a millionth of a second. */
  #isTaken(level: LogLevel, fields: Subject, message: string): boolean {
    const nowMs = performance.now()
    const { webhook, endpoint } = fields
    const key = `${level}\n${message}\n${String(webhook ?? '')}\n${String(endpoint ?? '')}`
    this.#tell(nowMs)
    const kindOf = (): Kind => {
      const about = { ...(webhook !== undefined && { webhook }), ...(endpoint !== undefined && { endpoint }) }
      return { level, message, fields: about }
    }
    const isTaken = this.#sampler.take(key, kindOf, nowMs)
    if (!isTaken) this.#tellLater(nowMs)
    return isTaken
  }

  #tell(nowMs: number): void {
    if ((this.#sampler.nextEndMs() ?? Number.POSITIVE_INFINITY) > nowMs) return
    for (const { kind, count } of this.#sampler.ended(nowMs)) {
      const text = `… and ${count.toLocaleString('en-US')} more like this: ${kind.message}`
      this.#write(kind.level, { ...kind.fields, leftOut: count }, text)
    }
  }

  #tellLater(nowMs: number): void {
    if (this.#timer !== undefined) return
    const endMs = this.#sampler.nextEndMs() ?? nowMs
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined
        const thenMs = performance.now()
        this.#tell(thenMs)
        if (this.#sampler.nextEndMs() !== undefined) this.#tellLater(thenMs)
      },
      Math.max(1, Math.ceil(endMs - nowMs)),
    ).unref()
  }

  #write(level: LogLevel, fields: object, message: string): void {
    const mask = (text: string): string => maskNumbers(maskUrls(this.#secrets.mask(text)))
    if ('audit' in fields) this.#logger[level](auditFields(fields, mask), message)
    else this.#logger[level](Object.fromEntries(maskedEntries(fields, mask, DEPTH_LIMIT)), mask(message))
  }
}

type Mask = (text: string) => string

/** Names of its fields are ours, and so is its message; what else was asked for and what came of it may hold anything. */
function auditFields(fields: object, mask: Mask): object {
  const entries = Object.entries(fields).map(([name, value]) => {
    return [name, AUDIT_FIELDS.has(name) ? value : maskedMember(name, value, mask, DEPTH_LIMIT)]
  })
  return Object.fromEntries(entries)
}

function maskedEntries(value: object, mask: Mask, depth: number): [string, unknown][] {
  return Object.entries(value).map(([name, member]) => [mask(name), maskedMember(name, member, mask, depth)])
}

function maskedMember(name: string, member: unknown, mask: Mask, depth: number): unknown {
  return typeof member === 'string' && SECRET_FIELD.test(name) ? MASKED : masked(member, mask, depth - 1)
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
