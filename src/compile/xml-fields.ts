/**
 * The fields of a scanned XML format by path: `lead.name`, attributes `lead.@id`. Siblings of one name are counted from 0 behind
 * it (`lead.phone.0`, `lead.phone.1`), as members of a JSON array are; a single one has no number. Called by `xml-format.ts`.
 */
import type { FormatField, FormatSlot } from './format.ts'
import { encodeXmlAttribute, encodeXmlCdata, encodeXmlText } from './xml-encoders.ts'

/** An element as it stands in the text; offsets from 0, ends exclusive. */
export interface XmlElement {
  readonly name: string
  readonly attributes: readonly XmlAttribute[]
  readonly children: readonly XmlElement[]
  /** Between the tags; of an empty-element tag its `/>`. */
  readonly contentStart: number
  readonly contentEnd: number
  readonly isEmptyTag: boolean
}

/** An attribute; the offsets are those of its value within the quotes. */
export interface XmlAttribute {
  readonly name: string
  readonly start: number
  readonly end: number
}

/** The fields of a document, in its order: an element's attributes, itself, what is in it. */
export function fieldsOf(text: string, root: XmlElement, slots: readonly FormatSlot[]): readonly FormatField[] {
  const slotsByStart = new Map(slots.map((slot) => [slot.start, slot]))
  const fields: FormatField[] = []
  const tokenAt = (start: number, end: number) => {
    const slot = slotsByStart.get(start)
    return slot?.end === end ? slot.path : null
  }
  const add = (element: XmlElement, path: string) => {
    for (const { name, start, end } of element.attributes) {
      const attribute = { path: `${path}.@${name}`, start, end, encode: encodeXmlAttribute, token: tokenAt(start, end) }
      fields.push({ ...attribute, before: '', after: '', isLeaf: true })
    }
    fields.push(elementField(text, element, path, tokenAt))
    for (const [child, childName] of numbered(element.children)) add(child, `${path}.${childName}`)
  }
  add(root, root.name)
  return fields
}

function elementField(
  text: string,
  element: XmlElement,
  path: string,
  tokenAt: (start: number, end: number) => string | null,
): FormatField {
  const { name, contentStart: start, contentEnd: end } = element
  const isLeaf = element.children.length === 0
  if (element.isEmptyTag) {
    return { path, start, end, before: '>', after: `</${name}>`, encode: encodeXmlText, isLeaf, token: null }
  }
  const content = text.slice(start, end)
  // A value that was given a CDATA section of its own keeps it.
  if (content.startsWith(CDATA_START) && content.indexOf(CDATA_END) === content.length - CDATA_END.length) {
    const inner = { start: start + CDATA_START.length, end: end - CDATA_END.length }
    const token = tokenAt(inner.start, inner.end)
    return { path, ...inner, before: '', after: '', encode: encodeXmlCdata, isLeaf, token }
  }
  const lead = content.length - content.trimStart().length
  const token = tokenAt(start + lead, start + content.trimEnd().length)
  return { path, start, end, before: '', after: '', encode: encodeXmlText, isLeaf, token }
}

const CDATA_START = '<![CDATA['
const CDATA_END = ']]>'

/** Every child with its step of a path: `name`, or `name.index` where several have that name. */
function numbered(children: readonly XmlElement[]): readonly (readonly [XmlElement, string])[] {
  const counts = new Map<string, number>()
  for (const { name } of children) counts.set(name, (counts.get(name) ?? 0) + 1)
  const seen = new Map<string, number>()
  return children.map((child) => {
    if (counts.get(child.name) === 1) return [child, child.name]
    const index = seen.get(child.name) ?? 0
    seen.set(child.name, index + 1)
    return [child, `${child.name}.${index}`]
  })
}
