/**
 * HTML reduced to the words that a browser would show, for a voice to read. A tokenizer after the HTML standard (13.2.5) that
 * builds no tree: tags go, elements that break a line separate words, what is never shown goes with its content.
 * Each character is looked at a bounded number of times, so that 64 KiB of `<` cost no more than 64 KiB of text, and by its code
 * rather than by patterns: 13,000 tags with a pattern each held other calls for 3 ms. Called by `message.ts`.
 */
import { decodeCharacterReferences } from './html-entities.ts'

/** How a document is to be read where HTML and XHTML differ: CDATA sections are text and `<script/>` is complete in XHTML. */
export type HtmlSyntax = 'html' | 'xhtml'

/** The words of `html`, one space between them, none around them; empty where nothing is shown. Never throws. */
export function textOfHtml(html: string, syntax: HtmlSyntax): string {
  return new HtmlReading(html, syntax).run()
}

/** Elements that begin and end a line or a cell: the words around them do not touch (HTML standard, 15.3). */
const SEPARATING: ReadonlySet<string> = new Set(
  (
    'address article aside blockquote body br button caption center dd details dialog dir div dl dt fieldset figcaption figure ' +
    'footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html img input legend li listing main menu nav ol optgroup option p ' +
    'plaintext pre search section select summary table tbody td textarea tfoot th thead tr ul xmp'
  ).split(' '),
)

/** Elements whose content is no markup and is not shown: it goes on to their end tag, whatever stands in it. */
const HIDDEN_RAW: ReadonlySet<string> = new Set('script style title iframe noembed noframes'.split(' '))

/** Elements that may stand in `head`; any other ends it, as in a browser, so that a forgotten `</head>` hides no word. */
const HEAD_CONTENT: ReadonlySet<string> = new Set(
  'head base basefont bgsound link meta noscript template script style title noframes'.split(' '),
)

const RAW_ENDS: ReadonlyMap<string, RegExp> = new Map(
  // Global: each use sets where it begins, so none carries anything from one document into the next.
  [...HIDDEN_RAW].map((name) => [name, new RegExp(`</${name}(?=[\\t\\n\\f\\r />])`, 'gi')]),
)

const TAB = 0x09
const LINE_FEED = 0x0a
const FORM_FEED = 0x0c
const CARRIAGE_RETURN = 0x0d
const SPACE = 0x20
const EXCLAMATION_MARK = 0x21
const QUOTATION_MARK = 0x22
const APOSTROPHE = 0x27
const SLASH = 0x2f
const LESS_THAN = 0x3c
const EQUALS_SIGN = 0x3d
const GREATER_THAN = 0x3e
const QUESTION_MARK = 0x3f

/** White space beyond Latin-1 that stands alone in its range: ogham, line, paragraph, narrow, mathematical, wide, byte order mark. */
const WIDE_SPACES: ReadonlySet<number> = new Set([0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000, 0xfeff])

interface Tag {
  readonly name: string
  readonly isEnd: boolean
  readonly isSelfClosing: boolean
}

class HtmlReading {
  readonly #html: string
  readonly #syntax: HtmlSyntax
  readonly #pieces: string[] = []
  #at = 0
  #inHead = false
  #openTemplates = 0

  constructor(html: string, syntax: HtmlSyntax) {
    this.#html = html
    this.#syntax = syntax
  }

  run(): string {
    while (this.#at < this.#html.length) this.#step()
    return wordsOf(this.#pieces.join(''))
  }

  #step(): void {
    if (this.#html.charCodeAt(this.#at) !== LESS_THAN) {
      this.#readText()
      return
    }
    const next = this.#html.charCodeAt(this.#at + 1)
    if (isLetter(next) || (next === SLASH && isLetter(this.#html.charCodeAt(this.#at + 2)))) this.#readTag()
    else if (!isMarkupSign(next)) this.#readText()
    else if (this.#html.startsWith('<!--', this.#at)) this.#skipComment()
    else if (this.#syntax === 'xhtml' && this.#html.startsWith('<![CDATA[', this.#at)) this.#readCdata()
    else this.#skipPast('>')
  }

  /** Text up to the next markup; a `<` that begins none is text. */
  #readText(): void {
    const start = this.#at
    let end = this.#html.indexOf('<', start)
    while (end !== -1 && !beginsMarkup(this.#html.charCodeAt(end + 1))) end = this.#html.indexOf('<', end + 1)
    this.#at = end === -1 ? this.#html.length : end
    this.#show(decodeCharacterReferences(this.#html.slice(start, this.#at)))
  }

  #readCdata(): void {
    const start = this.#at + '<![CDATA['.length
    this.#skipPast(']]>')
    this.#show(this.#html.slice(start, this.#at).replace(/\]\]>$/, ''))
  }

  #skipComment(): void {
    // The two hyphens of the beginning may be those of the end: `<!-->` is a whole comment (HTML standard, 13.2.5.43).
    const end = /-->|--!>/g
    end.lastIndex = this.#at + '<!'.length
    this.#at = end.test(this.#html) ? end.lastIndex : this.#html.length
  }

  #readTag(): void {
    const tag = this.#scanTag()
    const isComplete = tag.isEnd || (tag.isSelfClosing && this.#syntax === 'xhtml')
    const rawEnd = isComplete ? undefined : RAW_ENDS.get(tag.name)
    if (rawEnd !== undefined) this.#skipRaw(rawEnd)
    if (!isComplete && tag.name === 'template') this.#openTemplates += 1
    if (tag.isEnd && tag.name === 'template') this.#openTemplates = Math.max(0, this.#openTemplates - 1)
    if (tag.name === 'head') this.#inHead = !tag.isEnd
    else if (!HEAD_CONTENT.has(tag.name)) this.#inHead = false
    if (SEPARATING.has(tag.name)) this.#pieces.push(' ')
  }

  /** Moves to the end tag that `end` finds. */
  #skipRaw(end: RegExp): void {
    end.lastIndex = this.#at
    this.#at = end.exec(this.#html)?.index ?? this.#html.length
  }

  /** Moves behind the tag; one that is never closed takes the rest with it, as in a browser. */
  #scanTag(): Tag {
    const isEnd = this.#html.charCodeAt(this.#at + 1) === SLASH
    const nameStart = this.#at + (isEnd ? 2 : 1)
    this.#at = nameStart
    this.#skipWhile(isOfTagName)
    const name = this.#html.slice(nameStart, this.#at).toLowerCase()
    let isSelfClosing = false
    while (this.#at < this.#html.length) {
      const end = this.#at
      this.#skipWhile(isSpaceOrSlash)
      isSelfClosing = this.#at > end && this.#html.charCodeAt(this.#at - 1) === SLASH
      if (this.#skips(GREATER_THAN)) break
      this.#skipAttribute()
    }
    return { name, isEnd, isSelfClosing }
  }

  #skipAttribute(): void {
    // An equals sign before any name is one of the name (HTML standard, 13.2.5.32).
    this.#skips(EQUALS_SIGN)
    this.#skipWhile(isOfAttributeName)
    const nameEnd = this.#at
    this.#skipWhile(isSpace)
    if (!this.#skips(EQUALS_SIGN)) {
      this.#at = nameEnd
      return
    }
    this.#skipWhile(isSpace)
    // A quotation mark counts only behind an equals sign: `>` inside a quoted value does not end the tag.
    if (this.#skips(QUOTATION_MARK)) this.#skipPast('"')
    else if (this.#skips(APOSTROPHE)) this.#skipPast("'")
    else this.#skipWhile(isOfBareValue)
  }

  #show(text: string): void {
    if (!this.#inHead && this.#openTemplates === 0) this.#pieces.push(text)
  }

  #skipPast(end: string): void {
    const found = this.#html.indexOf(end, this.#at)
    this.#at = found === -1 ? this.#html.length : found + end.length
  }

  #skipWhile(belongs: (code: number) => boolean): void {
    while (this.#at < this.#html.length && belongs(this.#html.charCodeAt(this.#at))) this.#at += 1
  }

  /** Whether this character stands here, which is then skipped. */
  #skips(code: number): boolean {
    if (this.#html.charCodeAt(this.#at) !== code) return false
    this.#at += 1
    return true
  }
}

/** White space to one space between words, and none around them. */
function wordsOf(text: string): string {
  const pieces: string[] = []
  let start = 0
  let at = 0
  while (at < text.length) {
    if (!isWhiteSpace(text.charCodeAt(at))) {
      at += 1
      continue
    }
    const wordEnd = at
    at += 1
    while (at < text.length && isWhiteSpace(text.charCodeAt(at))) at += 1
    const isOneSpace = at === wordEnd + 1 && text.charCodeAt(wordEnd) === SPACE
    if (isOneSpace) continue
    pieces.push(text.slice(start, wordEnd), ' ')
    start = at
  }
  pieces.push(text.slice(start))
  return pieces.join('').trim()
}

/** White space of Unicode, as a pattern's `\s` has it. */
function isWhiteSpace(code: number): boolean {
  if (code <= SPACE) return code === SPACE || (code >= TAB && code <= CARRIAGE_RETURN)
  if (code < 0x1680) return code === 0xa0
  if (code >= 0x2000 && code <= 0x200a) return true
  return WIDE_SPACES.has(code)
}

function isLetter(code: number): boolean {
  // Lower and upper case differ in one bit.
  const lower = code | 0x20
  return lower >= 0x61 && lower <= 0x7a
}

function isMarkupSign(code: number): boolean {
  return code === EXCLAMATION_MARK || code === QUESTION_MARK || code === SLASH
}

function beginsMarkup(code: number): boolean {
  return isLetter(code) || isMarkupSign(code)
}

/** White space inside of tags (HTML standard, 13.2.5). */
function isSpace(code: number): boolean {
  return code === SPACE || code === LINE_FEED || code === TAB || code === CARRIAGE_RETURN || code === FORM_FEED
}

function isSpaceOrSlash(code: number): boolean {
  return code === SLASH || isSpace(code)
}

function isOfTagName(code: number): boolean {
  return code !== GREATER_THAN && !isSpaceOrSlash(code)
}

function isOfAttributeName(code: number): boolean {
  return code !== GREATER_THAN && code !== EQUALS_SIGN && !isSpaceOrSlash(code)
}

function isOfBareValue(code: number): boolean {
  return code !== GREATER_THAN && !isSpace(code)
}
