/**
 * Finds tokens (`%name%`, `${name}`) in a text. Invariant: tokens are given in order and never overlap; what is not a token
 * is literal, and what looks like one but can't be filled in carries the fault. Every compiler of this part begins here.
 */
import { isPointName } from '../catalog/catalog.ts'
import type { TokenSyntax, TokenText } from '../model/request-spec.ts'
import { suggestion } from './near-miss.ts'
import type { Fault } from './places.ts'
import type { EncodeValue, Piece } from './segments.ts'

/** A token in a text: its data point, where it stands (`end` is exclusive), and what is wrong with it, if anything. */
export interface Token {
  readonly path: string
  readonly start: number
  readonly end: number
  readonly fault: string | null
}

/** What decides whether something is a token. */
export interface TokenRules {
  /** Names that `%tokens%` may have; `any` takes every name (where a format is only looked at). */
  readonly known: ReadonlySet<string> | 'any'
  /** Whether the text is percent-encoded: `%C3%A9` are escapes unless `C3` is a known name. */
  readonly hasEscapes: boolean
}

/** Words of letters, digits, `_` and `-`, joined by dots; after the first dot also single spaces (`tags.My Region`). */
const PATH = /^[\p{L}\p{N}_][\p{L}\p{N}_-]*(?:\.[\p{L}\p{N}_-]+(?: [\p{L}\p{N}_-]+)*)*$/u
const ESCAPE = /%[0-9a-f]{2}/iy

/** The tokens of a text in its own syntax; none where the text is literal. */
export function findTokens(text: TokenText, rules: TokenRules): readonly Token[] {
  return TOKEN_FINDERS[text.syntax](text.text, rules)
}

/** What somebody evidently meant as a token in a text that has none: `%names%` that are known, and `${names}`. */
export function findLookalikes(text: string, rules: TokenRules): readonly Token[] {
  return [...percentTokens(text, rules), ...dollarTokens(text)].filter((token) => token.fault === null)
}

const TOKEN_FINDERS = {
  percent: percentTokens,
  dollar: dollarTokens,
  none: () => [],
} satisfies Record<TokenSyntax, (text: string, rules: TokenRules) => readonly Token[]>

function percentTokens(text: string, rules: TokenRules): readonly Token[] {
  const tokens: Token[] = []
  let at = text.indexOf('%')
  while (at >= 0) {
    const close = text.indexOf('%', at + 1)
    const path = close < 0 ? '' : text.slice(at + 1, close)
    let next = at + 1
    if (isKnown(path, rules.known)) {
      tokens.push({ path, start: at, end: close + 1, fault: null })
      next = close + 1
    } else if (rules.hasEscapes && matchesAt(ESCAPE, text, at)) {
      next = at + 3
    } else if (looksLikeName(path)) {
      tokens.push({ path, start: at, end: close + 1, fault: unknownToken(path, rules.known) })
      next = close + 1
    }
    at = text.indexOf('%', next)
  }
  return tokens
}

function isKnown(path: string, known: TokenRules['known']): boolean {
  if (known === 'any') return looksLikeName(path)
  return known.has(path) || (isPointName(path, known) && PATH.test(path))
}

/** A percentage (`5%20%`) is no token: names begin with a letter. */
function looksLikeName(path: string): boolean {
  return PATH.test(path) && !/^\p{N}/u.test(path)
}

function unknownToken(path: string, known: TokenRules['known']): string {
  const dot = path.indexOf('.')
  const name = dot < 0 ? path : path.slice(0, dot)
  const rest = path.slice(name.length)
  const otherwise = ': neither the catalogue nor dataPoints has it'
  return `unknown token %${path}%${suggestion(name, known, (near) => `%${near}${rest}%`, otherwise)}`
}

function matchesAt(pattern: RegExp, text: string, offset: number): boolean {
  pattern.lastIndex = offset
  return pattern.test(text)
}

function dollarTokens(text: string): readonly Token[] {
  const tokens: Token[] = []
  for (const match of text.matchAll(/\$\{([^{}"<>\r\n]*)(\}?)/g)) {
    const [whole, path = '', brace] = match
    let fault: string | null = null
    if (brace === '') fault = `token ${whole} has no closing brace: a token is written \${name}`
    else if (!PATH.test(path)) fault = `token ${whole} names no variable: a token is written \${name}`
    tokens.push({ path, start: match.index, end: match.index + whole.length, fault })
  }
  return tokens
}

/** What is wrong with the tokens themselves. */
export function tokenFaults(tokens: readonly Token[]): readonly Fault[] {
  return tokens.flatMap((token) => (token.fault === null ? [] : [{ offset: token.start, message: token.fault }]))
}

/** Writes the text between tokens; `isBeforeToken` is false for what follows the last. */
export type WriteLiteral = (text: string, isBeforeToken: boolean) => string

/** The text between and around tokens as `write` gives it, the tokens as slots. */
export function piecesOf(
  text: string,
  tokens: readonly Token[],
  write: WriteLiteral,
  encode: EncodeValue,
): readonly Piece[] {
  const pieces: Piece[] = []
  let at = 0
  for (const token of tokens) {
    pieces.push(write(text.slice(at, token.start), true), { path: token.path, encode })
    at = token.end
  }
  pieces.push(write(text.slice(at), false))
  return pieces
}

/**
 * A percent sign right before a token, alone or with one digit, as `%25`: a value must not complete it to an escape.
 * Everything else of a percent-encoded text stays as it is.
 */
export function closeEscape(text: string, isBeforeToken: boolean): string {
  return isBeforeToken ? text.replace(/%(?=[0-9a-f]?$)/i, '%25') : text
}
