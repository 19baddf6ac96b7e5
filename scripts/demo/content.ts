/**
 * What a request says, flattened to one level (`contact.phones.0`), whatever it was written in. Each reader is a real parser
 * of its format and throws for text that is not in it: a customer's server would be lost as well.
 */
import { XMLParser, XMLValidator } from 'fast-xml-parser'

/** One value; forms, queries and XML know only text. */
export type Scalar = string | number | boolean | null

/** Values by path. */
export type Content = Readonly<Record<string, Scalar>>

/** Pairs of a query or a form body (`application/x-www-form-urlencoded`); throws where a name stands twice. */
export function readPairs(pairs: URLSearchParams): Content {
  const content = new Map<string, string>()
  for (const [name, value] of pairs) {
    if (content.has(name)) throw new Error(`the parameter ${name} stands twice`)
    content.set(name, value)
  }
  return Object.fromEntries(content)
}

/** A form body. */
export function readForm(body: string): Content {
  return readPairs(new URLSearchParams(body))
}

/** A JSON body. */
export function readJson(body: string): Content {
  const value: unknown = JSON.parse(body)
  return flatten(value)
}

/** An XML body; attributes stand under `@name`, the root element's name is part of each path. */
export function readXml(body: string): Content {
  const verdict = XMLValidator.validate(body)
  if (verdict !== true) throw new Error(`line ${verdict.err.line} of the XML: ${verdict.err.msg}`)
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    ignoreDeclaration: true,
    parseTagValue: false,
    parseAttributeValue: false,
  })
  const value: unknown = parser.parse(body)
  return flatten(value)
}

/** Nested objects and arrays as paths to their scalars; an empty object or array leaves nothing. */
export function flatten(value: unknown): Content {
  const content: [string, Scalar][] = []
  const walk = (path: string, member: unknown): void => {
    if (isScalar(member)) content.push([path, member])
    else if (typeof member === 'object') {
      for (const [name, inner] of Object.entries(member ?? {})) walk(path === '' ? name : `${path}.${name}`, inner)
    }
  }
  walk('', value)
  return Object.fromEntries(content)
}

function isScalar(value: unknown): value is Scalar {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value)
}
