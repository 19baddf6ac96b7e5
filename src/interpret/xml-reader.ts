/**
 * A strict reader of small XML 1.0 documents: what is not well-formed is refused, with the line and the reason. A document
 * type is refused too, so nothing can be declared, included or expanded. Written for this because fast-xml-parser's
 * validator lets much pass (several roots, undeclared entities, `]]>` in text); the tests compare it with saxes.
 * Iterative and linear: neither depth nor length of a document can do harm. Tags are read by the codes of their characters, since
 * a pattern for each of thousands takes twice as long. Called by `next-action.ts`.
 */
import { shortened } from './excerpt.ts'
import { endOfName, indexOfForbiddenCharacter, NAME_PATTERN, resolveReferences } from './xml-characters.ts'

/** An element; attributes are checked but not kept, for no answer has any. */
export interface XmlElement {
  readonly name: string
  /** All text directly inside, CDATA sections included, references resolved, nothing trimmed. */
  readonly text: string
  readonly children: readonly XmlElement[]
}

/** The root element, or what is wrong and where, in one sentence without a final stop. */
export type XmlDocument =
  | { readonly kind: 'document'; readonly root: XmlElement }
  | { readonly kind: 'invalid'; readonly detail: string }

/** Reads a whole document; `text` has no byte order mark any more. Never throws. */
export function readXml(text: string): XmlDocument {
  return new XmlReading(text).run()
}

interface OpenElement {
  readonly name: string
  text: string
  readonly children: XmlElement[]
}

interface Attribute {
  readonly name: string
  /** As it stands there, references and all. */
  readonly value: string
}

// Sticky patterns: each use sets where it begins, so none carries anything from one document into the next.
const DECLARATION =
  /<\?xml[ \t\n]+version[ \t\n]*=[ \t\n]*(?:"1\.[0-9]+"|'1\.[0-9]+')(?:[ \t\n]+encoding[ \t\n]*=[ \t\n]*(?:"[A-Za-z][\w.-]*"|'[A-Za-z][\w.-]*'))?(?:[ \t\n]+standalone[ \t\n]*=[ \t\n]*(?:"(?:yes|no)"|'(?:yes|no)'))?[ \t\n]*\?>/y
const INSTRUCTION_START = new RegExp(`<\\?(${NAME_PATTERN})(?=[ \\t\\n]|\\?>)`, 'uy')

const TAB = 0x09
const LINE_FEED = 0x0a
const SPACE = 0x20
const EXCLAMATION_MARK = 0x21
const QUOTATION_MARK = 0x22
const APOSTROPHE = 0x27
const SLASH = 0x2f
const LESS_THAN = 0x3c
const EQUALS_SIGN = 0x3d
const GREATER_THAN = 0x3e
const QUESTION_MARK = 0x3f

class XmlReading {
  readonly #text: string
  readonly #open: OpenElement[] = []
  #root: XmlElement | undefined
  #at = 0
  #fault: string | undefined

  constructor(text: string) {
    // Line ends are normalised before anything else (XML 1.0, 2.11).
    this.#text = text.replace(/\r\n?/g, '\n')
  }

  run(): XmlDocument {
    const forbidden = indexOfForbiddenCharacter(this.#text)
    if (forbidden !== -1) this.#fail('a character that XML does not allow', forbidden)
    else if (this.#text.startsWith('<?xml') && this.#match(DECLARATION) === undefined && this.#isDeclaration()) {
      this.#fail('the XML declaration is not a right one')
    }
    while (this.#fault === undefined && this.#at < this.#text.length) this.#step()
    const unclosed = this.#open.at(-1)
    if (this.#fault === undefined && unclosed !== undefined) this.#fail(`<${shortened(unclosed.name)}> is never closed`)
    if (this.#fault !== undefined) return { kind: 'invalid', detail: this.#fault }
    if (this.#root === undefined) return { kind: 'invalid', detail: 'line 1: there is no element' }
    return { kind: 'document', root: this.#root }
  }

  #step(): void {
    if (this.#text.charCodeAt(this.#at) !== LESS_THAN) {
      this.#readText()
      return
    }
    switch (this.#text.charCodeAt(this.#at + 1)) {
      case EXCLAMATION_MARK:
        if (this.#text.startsWith('<!--', this.#at)) this.#readComment()
        else if (this.#text.startsWith('<![CDATA[', this.#at)) this.#readCdata()
        else this.#refuseDeclaration()
        return
      case QUESTION_MARK:
        this.#readInstruction()
        return
      case SLASH:
        this.#readEndTag()
        return
      default:
        this.#readStartTag()
    }
  }

  #readText(): undefined {
    const next = this.#text.indexOf('<', this.#at)
    const end = next === -1 ? this.#text.length : next
    const raw = this.#text.slice(this.#at, end)
    const element = this.#open.at(-1)
    if (element === undefined) {
      const stray = raw.search(/[^ \t\n]/)
      if (stray !== -1) return this.#fail('there is text outside the root element', this.#at + stray)
    } else {
      if (raw.includes(']]>')) return this.#fail(']]> must not stand in text')
      const resolved = resolveReferences(raw)
      if (resolved.kind === 'invalid') return this.#fail(resolved.detail)
      element.text += resolved.text
    }
    this.#at = end
  }

  #readComment(): undefined {
    const end = this.#text.indexOf('--', this.#at + 4)
    if (end === -1) return this.#fail('the comment is never closed')
    if (this.#text[end + 2] !== '>') return this.#fail('-- must not stand in a comment', end)
    this.#at = end + 3
  }

  #readCdata(): undefined {
    const element = this.#open.at(-1)
    if (element === undefined) return this.#fail('there is text outside the root element')
    const end = this.#text.indexOf(']]>', this.#at)
    if (end === -1) return this.#fail('the CDATA section is never closed')
    element.text += this.#text.slice(this.#at + '<![CDATA['.length, end)
    this.#at = end + 3
  }

  #refuseDeclaration(): void {
    const isDocumentType = this.#text.slice(this.#at, this.#at + '<!DOCTYPE'.length).toUpperCase() === '<!DOCTYPE'
    this.#fail(isDocumentType ? 'a DOCTYPE is not accepted' : '<! begins neither a comment nor a CDATA section')
  }

  #readInstruction(): undefined {
    const start = this.#at
    const target = this.#match(INSTRUCTION_START)?.[1]
    if (target === undefined) return this.#fail('<? begins no processing instruction')
    if (target.toLowerCase() === 'xml') {
      return this.#fail('an XML declaration stands only at the very beginning', start)
    }
    const end = this.#text.indexOf('?>', this.#at)
    if (end === -1) return this.#fail('the processing instruction is never closed', start)
    this.#at = end + 2
  }

  #readStartTag(): undefined {
    const start = this.#at
    this.#at += '<'.length
    const name = this.#readName()
    if (name === undefined) return this.#fail('a < that begins no tag must be written &lt;', start)
    if (this.#root !== undefined) return this.#fail(`<${shortened(name)}> is a second root element`, start)
    let first: string | undefined
    let others: Set<string> | undefined
    for (let attribute = this.#readAttribute(); attribute !== undefined; attribute = this.#readAttribute()) {
      if (attribute.name === first || others?.has(attribute.name)) {
        return this.#fail(`<${shortened(name)}> has the attribute ${shortened(attribute.name)} twice`, start)
      }
      const value = resolveReferences(attribute.value)
      if (value.kind === 'invalid') return this.#fail(value.detail, start)
      // Most have one at most: thousands of sets would be made for nothing.
      if (first === undefined) first = attribute.name
      else others = (others ?? new Set()).add(attribute.name)
    }
    this.#skipSpace()
    const isEmpty = this.#skips(SLASH)
    if (!this.#skips(GREATER_THAN)) return this.#fail(`the tag <${shortened(name)}> is not well-formed`, start)
    this.#open.push({ name, text: '', children: [] })
    if (isEmpty) this.#close()
  }

  #readEndTag(): undefined {
    const start = this.#at
    this.#at += '</'.length
    const name = this.#readName()
    this.#skipSpace()
    if (name === undefined || !this.#skips(GREATER_THAN)) return this.#fail('the end tag is not well-formed', start)
    const expected = this.#open.at(-1)?.name
    if (expected === undefined) return this.#fail(`</${shortened(name)}> closes nothing`, start)
    if (name !== expected)
      return this.#fail(`</${shortened(name)}> stands where </${shortened(expected)}> was expected`, start)
    this.#close()
  }

  /** Reads an attribute with the white space before it; where none stands here, nothing is read. */
  #readAttribute(): Attribute | undefined {
    const start = this.#at
    const attribute = this.#skipSpace() ? this.#tryAttribute() : undefined
    if (attribute === undefined) this.#at = start
    return attribute
  }

  #tryAttribute(): Attribute | undefined {
    const name = this.#readName()
    if (name === undefined) return undefined
    this.#skipSpace()
    if (!this.#skips(EQUALS_SIGN)) return undefined
    this.#skipSpace()
    const quote = this.#skips(QUOTATION_MARK) ? '"' : this.#skips(APOSTROPHE) ? "'" : undefined
    const end = quote === undefined ? -1 : this.#text.indexOf(quote, this.#at)
    if (end === -1) return undefined
    const value = this.#text.slice(this.#at, end)
    if (value.includes('<')) return undefined
    this.#at = end + 1
    return { name, value }
  }

  #close(): void {
    const element = this.#open.pop()
    if (element === undefined) return
    const parent = this.#open.at(-1)
    if (parent === undefined) this.#root = element
    else parent.children.push(element)
  }

  /** `<?xml-stylesheet …?>` begins alike but is an ordinary instruction. */
  #isDeclaration(): boolean {
    return /^<\?xml(?:[ \t\n]|\?)/.test(this.#text)
  }

  #readName(): string | undefined {
    const start = this.#at
    this.#at = endOfName(this.#text, start)
    return this.#at === start ? undefined : this.#text.slice(start, this.#at)
  }

  /** Whether there was any. */
  #skipSpace(): boolean {
    const start = this.#at
    while (isSpace(this.#text.charCodeAt(this.#at))) this.#at += 1
    return this.#at > start
  }

  /** Whether this character stands here, which is then skipped. */
  #skips(code: number): boolean {
    if (this.#text.charCodeAt(this.#at) !== code) return false
    this.#at += 1
    return true
  }

  /** Matches a sticky pattern where the reading stands, and moves behind it. */
  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#text)
    if (match === null) return undefined
    this.#at += match[0].length
    return match
  }

  #fail(problem: string, at: number = this.#at): undefined {
    const line = this.#text.slice(0, at).split('\n').length
    this.#fault = `line ${line}: ${problem}`
    return undefined
  }
}

function isSpace(code: number): boolean {
  return code === SPACE || code === LINE_FEED || code === TAB
}
