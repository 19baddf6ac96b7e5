/**
 * Scans a pasted JSON format (RFC 8259) with tokens in it: strict as `JSON.parse`, stricter about keys that stand twice, and
 * able to say where. Invariant: with tokens filled in by their slots' encoders, a format without faults is a JSON text.
 * Called by `body-template.ts` and `extract-fields.ts`.
 */
import { FormatCursor } from './cursor.ts'
import { FORMAT_DEPTH_LIMIT, type FormatField, type FormatSlot, type ScannedFormat } from './format.ts'
import { encodeJsonBare, encodeJsonPart, encodeJsonWhole } from './json-encoders.ts'
import type { Fault } from './places.ts'
import { type Token, tokenFaults } from './tokens.ts'

/** Slots, fields and faults of a JSON text with these tokens. */
export function scanJson(text: string, tokens: readonly Token[]): ScannedFormat {
  return new JsonScanner(text, tokens).scan()
}

const SPACE = /[ \t\n\r]+/y
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const LITERAL = /true|false|null/y
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y
const VALUE_END = /(?=[ \t\n\r,\]}]|$)/y

const TOKEN_IN_KEY = 'a token can stand in a value only, not in a key'
const NO_ESCAPE = 'no escape of JSON: \\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u with four hex digits are'

class JsonScanner {
  readonly #cursor: FormatCursor
  readonly #tokenFaults: readonly Fault[]
  readonly #slots: FormatSlot[] = []
  readonly #fields: FormatField[] = []

  constructor(text: string, tokens: readonly Token[]) {
    this.#cursor = new FormatCursor(text, tokens)
    this.#tokenFaults = tokenFaults(tokens)
  }

  scan(): ScannedFormat {
    const cursor = this.#cursor
    this.#value('', 0)
    cursor.skip(SPACE)
    if (!cursor.isAtEnd) cursor.break(cursor.at, `${cursor.unexpected} after the end: a format is one JSON value`)
    return { slots: this.#slots, fields: this.#fields, faults: [...this.#tokenFaults, ...cursor.faults] }
  }

  #value(path: string, depth: number): void {
    const cursor = this.#cursor
    cursor.skip(SPACE)
    if (cursor.sees('"')) this.#stringValue(path)
    else if (cursor.sees('{')) this.#container(path, depth, '}', (keys) => this.#member(path, depth, keys))
    else if (cursor.sees('['))
      this.#container(path, depth, ']', (_, index) => this.#value(joined(path, `${index}`), depth + 1))
    else this.#bareValue(path)
  }

  #bareValue(path: string): void {
    const cursor = this.#cursor
    const start = cursor.at
    const token = cursor.token
    if (token !== undefined) {
      cursor.at = token.end
      this.#slots.push({ start, end: token.end, path: token.path, encode: encodeJsonBare })
    } else if (!cursor.skip(NUMBER) && !cursor.skip(LITERAL)) {
      cursor.break(start, this.#noValue())
    }
    this.#bareField(path, start, true, token?.path ?? null)
    const rule =
      token === undefined ? 'numbers, true, false and null stand alone' : 'a token without quotes stands alone'
    if (!cursor.skip(VALUE_END)) cursor.break(cursor.at, `${cursor.unexpected}: ${rule}, text stands in double quotes`)
  }

  #stringValue(path: string): void {
    const start = this.#cursor.at + 1
    const tokens = this.#string()
    const end = this.#cursor.at - 1
    const [first] = tokens
    const isWhole = first !== undefined && first.start === start && first.end === end
    const whole = { start, end, encode: encodeJsonWhole, isQuoted: true }
    if (isWhole) {
      this.#slots.push({ ...whole, path: first.path })
    } else {
      for (const token of tokens) {
        this.#slots.push({ start: token.start, end: token.end, path: token.path, encode: encodeJsonPart })
      }
    }
    this.#fields.push({ ...whole, path, before: '', after: '', isLeaf: true, token: isWhole ? first.path : null })
  }

  /** Reads an object or array from its opening bracket; `readMember` reads one member, without the comma. */
  #container(path: string, depth: number, close: string, readMember: (keys: Set<string>, index: number) => void): void {
    const cursor = this.#cursor
    const start = cursor.at
    if (depth >= FORMAT_DEPTH_LIMIT) cursor.break(start, `nested deeper than ${FORMAT_DEPTH_LIMIT}`)
    cursor.at++
    cursor.skip(SPACE)
    const isEmpty = cursor.sees(close)
    const keys = new Set<string>()
    for (let index = 0; !cursor.isBroken && !cursor.sees(close); index++) {
      if (index > 0) this.#comma(close)
      readMember(keys, index)
      cursor.skip(SPACE)
    }
    cursor.at++
    this.#bareField(path, start, isEmpty, null)
  }

  #comma(close: string): void {
    const cursor = this.#cursor
    const comma = cursor.at
    if (!cursor.sees(',')) cursor.break(comma, `${cursor.unexpected}: "," or "${close}" must stand here`)
    cursor.at++
    cursor.skip(SPACE)
    if (cursor.sees(close)) cursor.break(comma, `a comma before "${close}": leave it out`)
  }

  #member(path: string, depth: number, keys: Set<string>): void {
    const cursor = this.#cursor
    const start = cursor.at
    if (cursor.token !== undefined) cursor.break(start, TOKEN_IN_KEY)
    if (!cursor.sees('"')) cursor.break(start, `${cursor.unexpected}: a key in double quotes must stand here`)
    const tokens = this.#string()
    if (cursor.isBroken) return
    for (const token of tokens) {
      if (token.fault === null) cursor.fault(token.start, TOKEN_IN_KEY)
    }
    const written = cursor.text.slice(start, cursor.at)
    // What stands in a token that is wrong itself need not be JSON; a key with one is refused already.
    const key: unknown = tokens.length > 0 ? written.slice(1, -1) : JSON.parse(written)
    const name = String(key)
    if (keys.has(name)) cursor.fault(start, `the key "${name}" stands twice in this object`)
    keys.add(name)
    cursor.skip(SPACE)
    if (!cursor.sees(':')) cursor.break(cursor.at, `${cursor.unexpected}: ":" must stand here`)
    cursor.at++
    this.#value(joined(path, name), depth + 1)
  }

  /** Reads a string from its opening quote; gives the tokens in it. */
  #string(): readonly Token[] {
    const cursor = this.#cursor
    const start = cursor.at
    const tokens: Token[] = []
    cursor.at++
    while (!cursor.isAtEnd) {
      const token = cursor.token
      const unit = cursor.text.charCodeAt(cursor.at)
      if (token !== undefined) {
        tokens.push(token)
        cursor.at = token.end
      } else if (unit === 0x22) {
        cursor.at++
        return tokens
      } else if (unit < 0x20) {
        cursor.break(cursor.at, `${cursor.unexpected} in a string: write it as an escape such as \\n`)
      } else if (unit !== 0x5c) {
        cursor.at++
      } else if (!cursor.skip(ESCAPE)) {
        cursor.break(cursor.at, NO_ESCAPE)
      }
    }
    cursor.break(start, 'this string has no closing quote')
    return tokens
  }

  #bareField(path: string, start: number, isLeaf: boolean, token: string | null): void {
    const { at: end } = this.#cursor
    this.#fields.push({ path, start, end, encode: encodeJsonBare, before: '', after: '', isLeaf, token })
  }

  #noValue(): string {
    const cursor = this.#cursor
    const character = cursor.text[cursor.at]
    if (character === "'") return "' is no quote of JSON: strings stand in double quotes"
    if (character === '/') return 'JSON has no comments: leave it out'
    return `${cursor.unexpected}: a value must stand here, such as "text" or "%token%"`
  }
}

function joined(parent: string, name: string): string {
  return parent === '' ? name : `${parent}.${name}`
}
