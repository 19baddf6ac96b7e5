/**
 * A strict reader of small XML 1.0 documents: what is not well-formed is refused, with the line and the reason. A document
 * type is refused too, so nothing can be declared, included or expanded. Written for this because fast-xml-parser's
 * validator lets much pass (several roots, undeclared entities, `]]>` in text); the tests compare it with saxes.
 * Iterative and linear: neither depth nor length of a document can do harm. Called by `next-action.ts`.
 */
import { shortened } from './excerpt.ts'
import { indexOfForbiddenCharacter, NAME_PATTERN, resolveReferences } from './xml-characters.ts'

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

// Sticky patterns: each use sets where it begins, so none carries anything from one document into the next.
const DECLARATION =
  /<\?xml[ \t\n]+version[ \t\n]*=[ \t\n]*(?:"1\.[0-9]+"|'1\.[0-9]+')(?:[ \t\n]+encoding[ \t\n]*=[ \t\n]*(?:"[A-Za-z][\w.-]*"|'[A-Za-z][\w.-]*'))?(?:[ \t\n]+standalone[ \t\n]*=[ \t\n]*(?:"(?:yes|no)"|'(?:yes|no)'))?[ \t\n]*\?>/y
const INSTRUCTION_START = new RegExp(`<\\?(${NAME_PATTERN})(?=[ \\t\\n]|\\?>)`, 'uy')
const START_TAG = new RegExp(`<(${NAME_PATTERN})`, 'uy')
const ATTRIBUTE = new RegExp(`[ \\t\\n]+(${NAME_PATTERN})[ \\t\\n]*=[ \\t\\n]*(?:"([^<"]*)"|'([^<']*)')`, 'uy')
const START_TAG_END = /[ \t\n]*(\/?)>/y
const END_TAG = new RegExp(`</(${NAME_PATTERN})[ \\t\\n]*>`, 'uy')

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
    if (this.#text[this.#at] !== '<') this.#readText()
    else if (this.#text.startsWith('<!--', this.#at)) this.#readComment()
    else if (this.#text.startsWith('<![CDATA[', this.#at)) this.#readCdata()
    else if (this.#text.startsWith('<!', this.#at)) this.#refuseDeclaration()
    else if (this.#text.startsWith('<?', this.#at)) this.#readInstruction()
    else if (this.#text.startsWith('</', this.#at)) this.#readEndTag()
    else this.#readStartTag()
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
    const name = this.#match(START_TAG)?.[1]
    if (name === undefined) return this.#fail('a < that begins no tag must be written &lt;')
    if (this.#root !== undefined) return this.#fail(`<${shortened(name)}> is a second root element`, start)
    const attributes = new Set<string>()
    for (let match = this.#match(ATTRIBUTE); match !== undefined; match = this.#match(ATTRIBUTE)) {
      const [, attribute = '', doubleQuoted, singleQuoted] = match
      if (attributes.has(attribute)) {
        return this.#fail(`<${shortened(name)}> has the attribute ${shortened(attribute)} twice`, start)
      }
      attributes.add(attribute)
      const value = resolveReferences(doubleQuoted ?? singleQuoted ?? '')
      if (value.kind === 'invalid') return this.#fail(value.detail, start)
    }
    const end = this.#match(START_TAG_END)
    if (end === undefined) return this.#fail(`the tag <${shortened(name)}> is not well-formed`, start)
    this.#open.push({ name, text: '', children: [] })
    if (end[1] === '/') this.#close()
  }

  #readEndTag(): undefined {
    const start = this.#at
    const name = this.#match(END_TAG)?.[1]
    if (name === undefined) return this.#fail('the end tag is not well-formed')
    const expected = this.#open.at(-1)?.name
    if (expected === undefined) return this.#fail(`</${shortened(name)}> closes nothing`, start)
    if (name !== expected)
      return this.#fail(`</${shortened(name)}> stands where </${shortened(expected)}> was expected`, start)
    this.#close()
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
