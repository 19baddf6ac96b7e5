/**
 * HTML reduced to the words that a browser would show, for a voice to read. A tokenizer after the HTML standard (13.2.5) that
 * builds no tree: tags go, elements that break a line separate words, what is never shown goes with its content.
 * Each character is looked at a bounded number of times, so that 64 KiB of `<` cost no more than 64 KiB of text.
 * Called by `message.ts`.
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

// Sticky and global patterns: each use sets where it begins, so none carries anything from one document into the next.
const MARKUP_START = /<[!?/A-Za-z]/y
const NEXT_MARKUP = /<[!?/A-Za-z]/g
const TAG_START = /<\/?[A-Za-z]/y
const RAW_ENDS: ReadonlyMap<string, RegExp> = new Map(
  [...HIDDEN_RAW].map((name) => [name, new RegExp(`</${name}(?=[\\t\\n\\f\\r />])`, 'gi')]),
)

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
    return this.#pieces.join('').replace(/\s+/g, ' ').trim()
  }

  #step(): void {
    if (!this.#stands(MARKUP_START)) this.#readText()
    else if (this.#stands(TAG_START)) this.#readTag()
    else if (this.#html.startsWith('<!--', this.#at)) this.#skipComment()
    else if (this.#syntax === 'xhtml' && this.#html.startsWith('<![CDATA[', this.#at)) this.#readCdata()
    else this.#skipPast('>')
  }

  /** Text up to the next markup; a `<` that begins none is text. */
  #readText(): void {
    const start = this.#at
    NEXT_MARKUP.lastIndex = start
    this.#at = NEXT_MARKUP.exec(this.#html)?.index ?? this.#html.length
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
    const isEnd = this.#html[this.#at + 1] === '/'
    this.#at += isEnd ? 2 : 1
    const name = this.#match(/[^\t\n\f\r />]*/y)
    let isSelfClosing = false
    // Most tags end here: thousands of them shall not cost the loop below each.
    if (this.#html[this.#at] === '>') {
      this.#at += 1
      return { name: name.toLowerCase(), isEnd, isSelfClosing }
    }
    while (this.#at < this.#html.length) {
      isSelfClosing = this.#match(/[\t\n\f\r /]*/y).endsWith('/')
      if (this.#match(/>/y) !== '') break
      this.#match(/=?[^\t\n\f\r />=]*/y)
      // A quotation mark counts only behind an equals sign: `>` inside a quoted value does not end the tag.
      if (this.#match(/[\t\n\f\r ]*=[\t\n\f\r ]*/y) !== '') this.#match(/"[^"]*(?:"|$)|'[^']*(?:'|$)|[^\t\n\f\r >]*/y)
    }
    return { name: name.toLowerCase(), isEnd, isSelfClosing }
  }

  #show(text: string): void {
    if (!this.#inHead && this.#openTemplates === 0) this.#pieces.push(text)
  }

  #skipPast(end: string): void {
    const found = this.#html.indexOf(end, this.#at)
    this.#at = found === -1 ? this.#html.length : found + end.length
  }

  /** Whether a sticky pattern matches here. */
  #stands(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at
    return pattern.test(this.#html)
  }

  /** What a sticky pattern that can match nothing matches here; moves behind it. */
  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    const matched = pattern.exec(this.#html)?.[0] ?? ''
    this.#at += matched.length
    return matched
  }
}
