/**
 * Reads JSON without losing anything: integers that a double can't hold keep their digits, a name that stands twice in one
 * object is a mistake instead of a silent overwrite, and depth is bounded, so that no input can exhaust the stack.
 * Otherwise it accepts exactly what `JSON.parse` accepts. Work grows linearly with the text.
 * Called by `interpret/` for answers; safe for any text from outside.
 */
import type { DataValue } from './data.ts'

/** The value, or where and why the text is not JSON, in one sentence without a final stop. */
export type ExactJson =
  | { readonly kind: 'value'; readonly value: DataValue }
  | { readonly kind: 'invalid'; readonly detail: string }

/** Limits of {@link parseExactJson}. */
export interface ExactJsonOptions {
  /** Objects and arrays inside each other, the outermost counted as 1; deeper text is invalid. */
  readonly maxDepth: number
  /** `exact` (default): what a double can't hold becomes a string. `double`: as `JSON.parse`, for what was written from doubles. */
  readonly numbers?: 'exact' | 'double'
}

/**
 * Parses JSON text (RFC 8259). Integers beyond 2^53 in either direction, and numbers too large for a double, become strings
 * with their digits unchanged, unless the options say otherwise. Members become own properties, `__proto__` too. Never throws.
 */
export function parseExactJson(text: string, options: ExactJsonOptions): ExactJson {
  return new JsonReading(text, options).run()
}

/** 2^53: the last integer before the first that a double can't hold. */
const LAST_EXACT_INTEGER = 2n ** 53n
/** -9007199254740992 has 17 characters; whatever is longer is beyond it, and need not become a big integer to see that. */
const EXACT_INTEGER_MAX_LENGTH = 17

const LITERALS = [
  ['true', true],
  ['false', false],
  ['null', null],
] as const

/** Most characters of a part of a text that V8 makes a text of its own (`SlicedString::kMinLength` is one more). */
const COPIED_LENGTH = 12

const WHITE_SPACE = ' \t\n\r'
const QUOTE = 0x22
const BACKSLASH = 0x5c
const SPACE = 0x20

class JsonReading {
  readonly #text: string
  readonly #maxDepth: number
  readonly #numberOf: (source: string) => number | string
  #at = 0
  #fault = ''

  constructor(text: string, { maxDepth, numbers }: ExactJsonOptions) {
    this.#text = text
    this.#maxDepth = maxDepth
    this.#numberOf = numbers === 'double' ? Number : exactNumber
  }

  run(): ExactJson {
    const value = this.#value(1)
    if (value === undefined) return { kind: 'invalid', detail: this.#fault }
    this.#skipSpace()
    if (this.#at < this.#text.length) {
      this.#fail('nothing may follow the value')
      return { kind: 'invalid', detail: this.#fault }
    }
    return { kind: 'value', value }
  }

  /** `undefined` where a fault was noted; no JSON value is `undefined`. */
  #value(depth: number): DataValue | undefined {
    this.#skipSpace()
    switch (this.#text[this.#at]) {
      case '{':
        return depth > this.#maxDepth ? this.#failDepth() : this.#object(depth)
      case '[':
        return depth > this.#maxDepth ? this.#failDepth() : this.#array(depth)
      case '"':
        return this.#string()
      default:
        return this.#literal()
    }
  }

  #object(depth: number): DataValue | undefined {
    const members = new Map<string, DataValue>()
    this.#at += 1
    if (this.#take('}')) return {}
    do {
      this.#skipSpace()
      if (this.#text[this.#at] !== '"') return this.#fail('a member name in double quotes was expected')
      const start = this.#at
      const name = this.#string()
      if (name === undefined) return undefined
      if (members.has(name)) return this.#fail(`the name ${JSON.stringify(name.slice(0, 60))} stands twice`, start)
      if (!this.#take(':')) return this.#fail('a colon was expected')
      const value = this.#value(depth + 1)
      if (value === undefined) return undefined
      members.set(name, value)
    } while (this.#take(','))
    // fromEntries defines own properties: assigning would let a member named __proto__ replace the prototype.
    return this.#take('}') ? Object.fromEntries(members) : this.#fail('a comma or } was expected')
  }

  #array(depth: number): DataValue | undefined {
    const items: DataValue[] = []
    this.#at += 1
    if (this.#take(']')) return items
    do {
      const value = this.#value(depth + 1)
      if (value === undefined) return undefined
      items.push(value)
    } while (this.#take(','))
    return this.#take(']') ? items : this.#fail('a comma or ] was expected')
  }

  #string(): string | undefined {
    const start = this.#at
    let escaped = false
    let end = start + 1
    for (; end < this.#text.length; end += 1) {
      const code = this.#text.charCodeAt(end)
      if (code === QUOTE) break
      if (code < SPACE) return this.#fail('a control character in a string must be escaped', end)
      if (code === BACKSLASH) {
        escaped = true
        end += 1
      }
    }
    if (end >= this.#text.length) return this.#fail('the string is never closed', start)
    this.#at = end + 1
    // V8 copies short parts; a longer one would keep all of the text in memory for as long as it is kept itself.
    if (!escaped && end - start - 1 <= COPIED_LENGTH) return this.#text.slice(start + 1, end)
    return unescapeString(this.#text.slice(start, end + 1)) ?? this.#fail('an escape in the string is not one', start)
  }

  #literal(): DataValue | undefined {
    for (const [word, value] of LITERALS) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length
        return value
      }
    }
    const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
    number.lastIndex = this.#at
    const source = number.exec(this.#text)?.[0]
    if (source === undefined) return this.#fail('a value was expected')
    this.#at += source.length
    return this.#numberOf(source)
  }

  /** Passes over white space and then `character`; false, with only the white space passed, where another stands there. */
  #take(character: string): boolean {
    this.#skipSpace()
    if (this.#text[this.#at] !== character) return false
    this.#at += 1
    return true
  }

  #skipSpace(): void {
    while (WHITE_SPACE.includes(this.#text.charAt(this.#at)) && this.#at < this.#text.length) this.#at += 1
  }

  #failDepth(): undefined {
    return this.#fail(`it is nested deeper than ${this.#maxDepth} levels`)
  }

  #fail(problem: string, at: number = this.#at): undefined {
    const before = this.#text.slice(0, at)
    const line = before.split('\n').length
    const column = at - before.lastIndexOf('\n')
    this.#fault = `line ${line}, column ${column}: ${problem}`
    return undefined
  }
}

/** The string that a quoted JSON string stands for, a text of its own; `undefined` where one of its escapes is wrong. */
function unescapeString(quoted: string): string | undefined {
  try {
    const value: unknown = JSON.parse(quoted)
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}

function exactNumber(source: string): number | string {
  const value = Number(source)
  if (!Number.isFinite(value)) return source
  if (Number.isSafeInteger(value) || !/^-?[0-9]+$/.test(source)) return value
  if (source.length > EXACT_INTEGER_MAX_LENGTH) return source
  const integer = BigInt(source)
  return integer > LAST_EXACT_INTEGER || integer < -LAST_EXACT_INTEGER ? source : value
}
