/**
 * Scans a pasted XML format (XML 1.0, fifth edition) with tokens in it: strict about well-formedness, refuses a DOCTYPE, able
 * to say where. Invariant: with tokens filled in by their slots' encoders, a format without faults is a well-formed document.
 * Comments and processing instructions are literal. Called by `body-template.ts` and `extract-fields.ts`.
 */
import { FormatCursor } from './cursor.ts'
import { FORMAT_DEPTH_LIMIT, type FormatSlot, type ScannedFormat } from './format.ts'
import { showCharacter } from './places.ts'
import type { EncodeValue } from './segments.ts'
import type { Token } from './tokens.ts'
import { encodeXmlAttribute, encodeXmlCdata, encodeXmlCdataBeside, encodeXmlText } from './xml-encoders.ts'
import { fieldsOf, type XmlAttribute, type XmlElement } from './xml-fields.ts'
import { isXmlCodePoint, NO_XML_CHARACTER, xmlNameAt } from './xml-names.ts'

/** Slots, fields and faults of an XML document with these tokens. */
export function scanXml(text: string, tokens: readonly Token[]): ScannedFormat {
  return new XmlScanner(text, tokens).scan()
}

const SPACE = /[ \t\r\n]+/y
const TAG_END = /\/?>/y
const REFERENCE = /&(?:(?:lt|gt|amp|quot|apos)|#([0-9]{1,7})|#x([0-9a-fA-F]{1,6}));/y
const INSTRUCTION_START = /<\?/y
const DECLARATION_START = /<\?xml(?=[ \t\r\n?])/y
/** Production 23 behind `<?xml`, for version 1.0 and UTF-8 only. */
const DECLARATION = new RegExp(
  `${pseudoAttribute('version', '1\\.0')}(?:${pseudoAttribute('encoding', '[Uu][Tt][Ff]-8')})?` +
    `(?:${pseudoAttribute('standalone', '(?:yes|no)')})?[ \\t\\r\\n]*\\?>`,
  'y',
)

function pseudoAttribute(name: string, value: string): string {
  return `[ \\t\\r\\n]+${name}[ \\t\\r\\n]*=[ \\t\\r\\n]*(?:"${value}"|'${value}')`
}

const TOKEN_IN_NAME = 'a token can stand in text, attribute values and CDATA only, not in a tag'

class XmlScanner {
  readonly #cursor: FormatCursor
  readonly #slots: FormatSlot[] = []

  constructor(text: string, tokens: readonly Token[]) {
    this.#cursor = new FormatCursor(text, tokens)
  }

  scan(): ScannedFormat {
    const cursor = this.#cursor
    const bad = cursor.text.search(NO_XML_CHARACTER)
    if (bad >= 0) cursor.fault(bad, `${showCharacter(cursor.text, bad)} can't stand in XML 1.0: leave it out`)
    if (cursor.sees('\ufeff')) cursor.at = 1
    this.#declaration()
    this.#misc()
    const root = this.#root()
    this.#misc()
    if (!cursor.isAtEnd) cursor.break(cursor.at, `${cursor.unexpected} after the root element: a document has one root`)
    const fields = root === null ? [] : fieldsOf(cursor.text, root, this.#slots)
    return { slots: this.#slots, fields, faults: cursor.faults }
  }

  #declaration(): void {
    const cursor = this.#cursor
    const start = cursor.at
    if (!cursor.skip(DECLARATION_START) || cursor.skip(DECLARATION)) return
    // A request's body is always UTF-8: another encoding here would be a lie.
    cursor.break(start, 'the XML declaration must be <?xml version="1.0" encoding="UTF-8"?>')
  }

  /** Comments, processing instructions and white space around the root element. */
  #misc(): void {
    do this.#cursor.skip(SPACE)
    while (this.#comment() || this.#instruction())
  }

  #root(): XmlElement | null {
    const cursor = this.#cursor
    if (cursor.isBroken) return null
    if (!cursor.sees('<'))
      cursor.break(cursor.at, `${cursor.unexpected}: a root element such as <lead> must stand here`)
    return cursor.isBroken ? null : this.#element(0)
  }

  #element(depth: number): XmlElement | null {
    const cursor = this.#cursor
    const tagStart = cursor.at
    if (cursor.sees('<!DOCTYPE')) cursor.break(tagStart, 'a DOCTYPE is refused: leave it out')
    else if (depth >= FORMAT_DEPTH_LIMIT) cursor.break(tagStart, `nested deeper than ${FORMAT_DEPTH_LIMIT}`)
    if (cursor.isBroken) return null
    cursor.at++
    const name = this.#name('an element name')
    const attributes = this.#attributes()
    const tagEnd = cursor.at
    if (cursor.skip(TAG_END)) {
      const isEmptyTag = cursor.at === tagEnd + 2
      if (!isEmptyTag) return this.#content(name, attributes, tagStart, depth)
      return { name, attributes, children: [], contentStart: tagEnd, contentEnd: cursor.at, isEmptyTag }
    }
    this.#expect(`in the tag <${name}> a space and an attribute, "/>" or ">"`)
    return null
  }

  #attributes(): readonly XmlAttribute[] {
    const cursor = this.#cursor
    const attributes: XmlAttribute[] = []
    while (cursor.skip(SPACE) && !cursor.sees('>') && !cursor.sees('/>')) {
      const start = cursor.at
      const name = this.#name('an attribute name')
      if (attributes.some((other) => other.name === name)) {
        cursor.fault(start, `the attribute ${name} stands twice in this tag`)
      }
      cursor.skip(SPACE)
      if (!cursor.sees('='))
        cursor.break(cursor.at, `${cursor.unexpected}: "=" must stand behind the attribute ${name}`)
      cursor.at++
      cursor.skip(SPACE)
      const attribute = this.#attributeValue(name)
      if (attribute === null) break
      attributes.push(attribute)
    }
    return attributes
  }

  #attributeValue(name: string): XmlAttribute | null {
    const cursor = this.#cursor
    const quote = cursor.text[cursor.at]
    if (quote !== '"' && quote !== "'") {
      cursor.break(cursor.at, `${cursor.unexpected}: the value of ${name} must stand here in quotes`)
      return null
    }
    const start = ++cursor.at
    while (!cursor.isAtEnd) {
      if (cursor.sees(quote)) return { name, start, end: cursor.at++ }
      if (cursor.sees('<')) {
        cursor.break(cursor.at, `"<" in the value of ${name}: write &lt;, or close the quotes before it`)
        return null
      }
      if (!this.#slot(encodeXmlAttribute)) this.#character()
    }
    cursor.break(start - 1, `the value of ${name} has no closing quote`)
    return null
  }

  /** Everything between the tags, and the end tag. */
  #content(name: string, attributes: readonly XmlAttribute[], tagStart: number, depth: number): XmlElement | null {
    const cursor = this.#cursor
    const contentStart = cursor.at
    const children: XmlElement[] = []
    while (!cursor.isAtEnd) {
      if (cursor.sees('</')) {
        const contentEnd = cursor.at
        this.#endTag(name)
        return { name, attributes, children, contentStart, contentEnd, isEmptyTag: false }
      }
      if (this.#slot(encodeXmlText) || this.#comment() || this.#cdata() || this.#instruction()) continue
      if (cursor.sees('<')) {
        const child = this.#element(depth + 1)
        if (child !== null) children.push(child)
        continue
      }
      if (cursor.sees(']]>')) cursor.fault(cursor.at, '"]]>" in text: write ]]&gt;')
      this.#character()
    }
    cursor.break(tagStart, `<${name}> has no end tag`)
    return null
  }

  #endTag(name: string): void {
    const cursor = this.#cursor
    const start = cursor.at
    cursor.at += 2
    const found = this.#name(`the end tag </${name}>`)
    if (found !== name) cursor.break(start, `</${found}> where <${name}> is open: </${name}> must stand here`)
    cursor.skip(SPACE)
    if (!cursor.sees('>')) cursor.break(cursor.at, `${cursor.unexpected}: ">" must stand behind </${name}`)
    cursor.at++
  }

  #comment(): boolean {
    const cursor = this.#cursor
    if (!cursor.sees('<!--')) return false
    const start = cursor.at
    const end = cursor.text.indexOf('--', start + 4)
    if (end < 0) cursor.break(start, 'this comment has no end: --> must stand behind it')
    else if (!cursor.text.startsWith('-->', end)) cursor.break(end, '"--" in a comment: leave it out')
    else cursor.at = end + 3
    return true
  }

  #instruction(): boolean {
    const cursor = this.#cursor
    const start = cursor.at
    if (!cursor.skip(INSTRUCTION_START)) return false
    const target = this.#name('the name of a processing instruction')
    const end = cursor.text.indexOf('?>', cursor.at)
    if (target.toLowerCase() === 'xml') cursor.break(start, 'an XML declaration can stand at the very beginning only')
    else if (end < 0) cursor.break(start, 'this processing instruction has no end: ?> must stand behind it')
    else if (end > cursor.at && !cursor.skip(SPACE))
      cursor.break(cursor.at, `${cursor.unexpected} behind <?${target}: a space must stand here`)
    else cursor.at = end + 2
    return true
  }

  #cdata(): boolean {
    const cursor = this.#cursor
    if (!cursor.sees('<![CDATA[')) return false
    const start = cursor.at
    const dataStart = start + '<![CDATA['.length
    const dataEnd = cursor.text.indexOf(']]>', dataStart)
    if (dataEnd < 0) {
      cursor.break(start, 'this CDATA section has no end: ]]> must stand behind it')
      return true
    }
    for (cursor.at = dataStart; cursor.at < dataEnd; ) {
      const token = cursor.token
      if (token === undefined) {
        cursor.at++
        continue
      }
      const isBesideBefore =
        token.start > dataStart && (this.#slots.at(-1)?.end === token.start || cursor.text[token.start - 1] === ']')
      const isBesideAfter = token.end < dataEnd && /[\]>%$]/.test(cursor.text.charAt(token.end))
      this.#slot(isBesideBefore || isBesideAfter ? encodeXmlCdataBeside : encodeXmlCdata)
    }
    cursor.at = dataEnd + 3
    return true
  }

  /** Fills in the token that stands here; false where none does. */
  #slot(encode: EncodeValue): boolean {
    const token = this.#cursor.token
    if (token === undefined) return false
    if (token.fault !== null) this.#cursor.fault(token.start, token.fault)
    this.#slots.push({ start: token.start, end: token.end, path: token.path, encode })
    this.#cursor.at = token.end
    return true
  }

  /** Reads a name; `what` tells whose. */
  #name(what: string): string {
    const cursor = this.#cursor
    const name = cursor.token === undefined ? xmlNameAt(cursor.text, cursor.at) : ''
    if (name === '') this.#expect(what)
    else cursor.at += name.length
    return name
  }

  /** What stands here is not `what`. */
  #expect(what: string): void {
    const cursor = this.#cursor
    const message = cursor.token === undefined ? `${cursor.unexpected}: ${what} must stand here` : TOKEN_IN_NAME
    cursor.break(cursor.at, message)
  }

  /** Steps over one character of text or of an attribute's value. */
  #character(): void {
    const cursor = this.#cursor
    const start = cursor.at++
    if (cursor.text[start] !== '&') return
    REFERENCE.lastIndex = start
    const found = REFERENCE.exec(cursor.text)
    if (found === null) {
      cursor.fault(start, '"&" begins no reference of XML: write &amp;, or one of &lt; &gt; &quot; &apos; &#233;')
      return
    }
    const [whole, decimal, hexadecimal] = found
    const codePoint =
      decimal !== undefined ? Number(decimal) : hexadecimal !== undefined ? Number.parseInt(hexadecimal, 16) : 0x20
    if (!isXmlCodePoint(codePoint))
      cursor.fault(start, `${whole} is a character that XML 1.0 can't carry: leave it out`)
    cursor.at = REFERENCE.lastIndex
  }
}
