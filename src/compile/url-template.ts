/**
 * Turns a configured URL into what renders path and query. Invariant: static text goes out byte by byte where it is legal,
 * else as `new URL()` would write it; a token never reaches scheme, user info, host or port, and a value never leaves the path
 * segment or the query value it stands in. Called by `compile-request.ts`.
 */
import type { DataSource } from '../model/data.ts'
import type { InvalidRequest, TokenText } from '../model/request-spec.ts'
import { encodePercent } from './encoders.ts'
import type { Fault } from './places.ts'
import { compileSegments, type Piece, renderSegments, type Segments } from './segments.ts'
import {
  closeEscape,
  findLookalikes,
  findTokens,
  piecesOf,
  type Token,
  type TokenRules,
  tokenFaults,
} from './tokens.ts'

/** A URL ready to be rendered. */
export interface CompiledUrl {
  readonly parts: readonly UrlPart[]
  /** What stands between this URL and a further parameter. */
  readonly separator: '?' | '&' | ''
  /** `user:password`, percent-decoded; `null` where the URL has none. */
  readonly userInfo: string | null
}

/** A stretch of path or query; where `guard` names its tokens, it is a path segment that values could turn into `.` or `..`. */
interface UrlPart {
  readonly segments: Segments
  readonly guard: string | null
}

/** A compiled URL, or all that is wrong with it. */
export type UrlResult =
  | { readonly kind: 'compiled'; readonly url: CompiledUrl }
  | { readonly kind: 'refused'; readonly faults: readonly Fault[] }

/** Compiles an absolute http(s) URL. */
export function compileUrl(source: TokenText, known: TokenRules['known']): UrlResult {
  const rules: TokenRules = { known, hasEscapes: true }
  const text = withoutTrailingSpace(source.text)
  const tokens = findTokens(source, rules)
  const faults: Fault[] = [...tokenFaults(tokens)]
  if (source.syntax === 'none') faults.push(...findLookalikes(text, rules).map((token) => notFilledIn(text, token)))

  const start = text.search(/[^\0- ]|$/)
  const origin = /^(https?:\/\/)([^/?#\\]*)/i.exec(text.slice(start))
  if (origin === null) return { kind: 'refused', faults: [...faults, schemeFault(text, start, tokens)] }
  const [prefix, scheme = '', authority = ''] = origin
  const pathStart = start + prefix.length
  const early = tokens.filter((token) => token.start < pathStart)
  faults.push(...early.map((token) => misplaced(text, token)))
  const base = `${scheme}${authority}`
  // With a slash: the parser drops what can't be seen from the end of its text, and refuses it before a path.
  if (early.length === 0 && (authority === '' || !URL.canParse(`${base}/`))) {
    // Without user info: a message must not show a password.
    const host = authority.slice(authority.lastIndexOf('@') + 1)
    const wanted = 'between // and / stands a name or an address, with a port from 0 to 65535 if any'
    faults.push({ offset: start + prefix.length - host.length, message: `"${host}" is no host: ${wanted}` })
  }
  if (faults.length > 0) return { kind: 'refused', faults }

  const shifted = tokens.map((token) => ({ ...token, start: token.start - pathStart, end: token.end - pathStart }))
  const [path, query] = splitAtQuery(piecesOf(text.slice(pathStart), shifted, writeRaw, encodePercent))
  const parts = pathParts(normalisedPath(base, path))
  const queryPieces = query === null ? [] : ['?', ...query.map(legalInQuery)]
  parts.push({ pieces: queryPieces, guard: null })
  return {
    kind: 'compiled',
    url: { parts: joinParts(parts), separator: separatorAfter(queryPieces), userInfo: userInfoOf(new URL(base)) },
  }
}

/** Path and query for one call; invalid where values made a path segment `.` or `..`, which servers resolve away. */
export function renderUrl(url: CompiledUrl, source: DataSource): string | InvalidRequest {
  let path = ''
  for (const part of url.parts) {
    const text = renderSegments(part.segments, source)
    if (part.guard !== null && DOT_SEGMENT.test(text)) {
      return {
        kind: 'invalid',
        detail: `url: ${part.guard} would make the path segment "${text}", which leads elsewhere`,
      }
    }
    path += text
  }
  return path
}

/** As `new URL()`: spaces and control characters at the end are no part of a URL. */
function withoutTrailingSpace(text: string): string {
  let end = text.length
  while (end > 0 && text.charCodeAt(end - 1) <= 0x20) end--
  return text.slice(0, end)
}

/** URL Standard, "single-dot" and "double-dot URL path segment". */
const DOT_SEGMENT = /^(?:\.|%2e){1,2}$/i
const ONLY_DOTS = /^(?:\.|%2e)*$/i

function writeRaw(text: string, isBeforeToken: boolean): string {
  // As `new URL()`: tabs and line ends are dropped.
  return closeEscape(text.replace(/[\t\n\r]/g, ''), isBeforeToken)
}

function notFilledIn(text: string, token: Token): Fault {
  const written = text.slice(token.start, token.end)
  return { offset: token.start, message: `${written} is not filled in here: send ${token.path} as one of params` }
}

function misplaced(text: string, token: Token): Fault {
  const written = text.slice(token.start, token.end)
  const message = `${written} stands in the scheme, user info, host or port: tokens may stand in path and query only`
  return { offset: token.start, message }
}

function schemeFault(text: string, start: number, tokens: readonly Token[]): Fault {
  const first = tokens[0]
  if (first !== undefined && first.start === start) return misplaced(text, first)
  const scheme = /^[a-z][a-z0-9+.-]*(?=:)/i.exec(text.slice(start))?.[0]
  const what =
    scheme === undefined || /^https?$/i.test(scheme) ? 'not an absolute URL' : `scheme "${scheme}" can't be sent`
  return { offset: start, message: `${what}: a URL begins with https:// or http:// and a host` }
}

/** The pieces of path and query, without the fragment. */
function splitAtQuery(pieces: readonly Piece[]): [path: Piece[], query: Piece[] | null] {
  const path: Piece[] = []
  let query: Piece[] | null = null
  for (const piece of pieces) {
    if (typeof piece !== 'string') {
      ;(query ?? path).push(piece)
      continue
    }
    const hash = piece.indexOf('#')
    const rest = hash < 0 ? piece : piece.slice(0, hash)
    const mark: number = query === null ? rest.indexOf('?') : -1
    if (mark < 0) {
      ;(query ?? path).push(rest)
    } else {
      path.push(rest.slice(0, mark))
      query = [rest.slice(mark + 1)]
    }
    if (hash >= 0) break
  }
  return [path, query]
}

/** The path as `new URL()` writes it: dot segments resolved, backslashes turned, illegal characters escaped. */
function normalisedPath(base: string, path: readonly Piece[]): readonly Piece[] {
  // Each token travels through the URL parser as a word that stands nowhere else and that no parser changes.
  let word = 'token'
  while (path.some((piece) => typeof piece === 'string' && piece.includes(word))) word += 'n'
  const written = path.map((piece, index) => (typeof piece === 'string' ? piece : `${word}${index}.`)).join('')
  // The question mark keeps the parser from trimming what the path ends with.
  const found = new URL(`${base}${written}?`).pathname.split(new RegExp(`${word}(\\d+)\\.`))
  return found.map((text, index) => (index % 2 === 0 ? text : (path[Number(text)] ?? text)))
}

/** RFC 3986, 3.4 and what browsers send: all but white space, control characters, `"`, `<`, `>` and what is beyond ASCII. */
function legalInQuery(piece: Piece): Piece {
  if (typeof piece !== 'string') return piece
  return piece.toWellFormed().replace(/[^!#-;=?-~]+/gu, encodeURIComponent)
}

interface PartPieces {
  readonly pieces: readonly Piece[]
  readonly guard: string | null
}

/** The path in stretches, with every segment that could become `.` or `..` by itself. */
function pathParts(path: readonly Piece[]): PartPieces[] {
  const parts: PartPieces[] = []
  let segment: Piece[] = []
  const close = () => {
    parts.push({ pieces: segment, guard: guardOf(segment) })
    segment = []
  }
  for (const piece of path) {
    if (typeof piece !== 'string') {
      segment.push(piece)
      continue
    }
    for (const [index, text] of piece.split('/').entries()) {
      if (index > 0) {
        close()
        parts.push({ pieces: ['/'], guard: null })
      }
      segment.push(text)
    }
  }
  close()
  return parts
}

function guardOf(segment: readonly Piece[]): string | null {
  const paths = segment.flatMap((piece) => (typeof piece === 'string' ? [] : [piece.path]))
  const isOpen = segment.every((piece) => typeof piece !== 'string' || ONLY_DOTS.test(piece))
  return isOpen && paths.length > 0 ? paths.join(' and ') : null
}

/** Unguarded neighbours become one, so that a URL without tokens in its path is one concatenation. */
function joinParts(parts: readonly PartPieces[]): readonly UrlPart[] {
  const joined: UrlPart[] = []
  let open: Piece[] = []
  for (const part of parts) {
    if (part.guard === null) {
      open.push(...part.pieces)
      continue
    }
    joined.push({ segments: compileSegments(open), guard: null })
    joined.push({ segments: compileSegments(part.pieces), guard: part.guard })
    open = []
  }
  joined.push({ segments: compileSegments(open), guard: null })
  return joined
}

function separatorAfter(query: readonly Piece[]): CompiledUrl['separator'] {
  const last = query.findLast((piece) => piece !== '')
  if (last === undefined) return '?'
  return typeof last === 'string' && /[?&]$/.test(last) ? '' : '&'
}

function userInfoOf(url: URL): string | null {
  if (url.username === '' && url.password === '') return null
  return `${decoded(url.username)}:${decoded(url.password)}`
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // Escapes that are no UTF-8 (or a lone percent sign) are taken as they were written.
    return text
  }
}
