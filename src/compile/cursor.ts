/**
 * A position in a format with tokens, and the faults found on the way. Invariant: after the first fault that hides what
 * follows (`break`) the position is at the end and no further fault is taken. Shared by the JSON and the XML scanner.
 */
import { type Fault, showCharacter } from './places.ts'
import type { Token } from './tokens.ts'

/** One pass over one text. */
export class FormatCursor {
  readonly text: string
  /** From 0 to the length of the text. */
  at = 0
  readonly #tokens: readonly Token[]
  readonly #faults: Fault[] = []
  #nextToken = 0
  #isBroken = false

  constructor(text: string, tokens: readonly Token[]) {
    this.text = text
    this.#tokens = tokens
  }

  get faults(): readonly Fault[] {
    return this.#faults
  }

  /** Whether reading on would be guesswork. */
  get isBroken(): boolean {
    return this.#isBroken
  }

  get isAtEnd(): boolean {
    return this.at >= this.text.length
  }

  /** The token that begins here. Positions must not go back. */
  get token(): Token | undefined {
    let token = this.#tokens[this.#nextToken]
    while (token !== undefined && token.start < this.at) token = this.#tokens[++this.#nextToken]
    return token?.start === this.at ? token : undefined
  }

  /** `unexpected X`, for the character here. */
  get unexpected(): string {
    return `unexpected ${showCharacter(this.text, this.at)}`
  }

  /** Whether the text goes on with `word`. */
  sees(word: string): boolean {
    return this.text.startsWith(word, this.at)
  }

  /** Steps over what the sticky `pattern` matches here; false where it does not. */
  skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.at
    if (!pattern.test(this.text)) return false
    this.at = pattern.lastIndex
    return true
  }

  /** Takes a fault after which the rest can still be read. */
  fault(offset: number, message: string): void {
    if (!this.#isBroken) this.#faults.push({ offset, message })
  }

  /** Takes a fault and ends the pass. */
  break(offset: number, message: string): void {
    this.fault(offset, message)
    this.#isBroken = true
    this.at = this.text.length
  }
}
