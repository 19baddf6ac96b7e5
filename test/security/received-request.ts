/**
 * What a customer's server makes of the bytes that it got, read strictly: a request with anything in it that was not sent on purpose
 * does not pass. For the tests of injection.
 */
import { SaxesParser } from 'saxes'
import { expect } from 'vitest'

/** A request in its parts. */
export interface ReceivedRequest {
  readonly method: string
  /** Path and query as they came. */
  readonly target: string
  /** Lines of the head: names in lower case, values as UTF-8, in their order. */
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

/** Takes a request apart; `bytes` has a character a byte. Fails the test for anything that is no plain HTTP/1.1. */
export function readRequest(bytes: string): ReceivedRequest {
  const headEnd = bytes.indexOf('\r\n\r\n')
  const [requestLine = '', ...lines] = bytes.slice(0, headEnd).split('\r\n')
  const [, method = '', target = ''] = /^([A-Z]+) (\/[!-~]*) HTTP\/1\.1$/.exec(requestLine) ?? []
  expect(method, `request line ${JSON.stringify(requestLine)}`).not.toBe('')
  const fields = lines.map((line) => {
    // Visible characters, spaces and bytes from 128 on, but no control character (RFC 9110, 5.5).
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+): ?([ -~\x80-\xff]*)$/.exec(line) ?? []
    expect(name, `field ${JSON.stringify(line)}`).toBeDefined()
    return [(name ?? '').toLowerCase(), asUtf8(value ?? '')] as const
  })
  return { method, target, fields, body: asUtf8(bytes.slice(headEnd + '\r\n\r\n'.length)) }
}

/** The query of a target, decoded, in its order. */
export function queryOf(target: string): readonly (readonly [string, string])[] {
  const [, query = '', ...more] = target.split('?')
  expect(more).toEqual([])
  return [...new URLSearchParams(query)]
}

/** The segments of a path as a server that resolves dots and decodes takes them. */
export function segmentsOf(target: string): readonly string[] {
  return new URL(target, 'http://h').pathname.slice(1).split('/').map(decodeURIComponent)
}

/** A document as a flat list: `<a>`, `@name=value`, text, `</a>`. Text is joined wherever it was cut. */
export function readXml(document: string): readonly string[] {
  const parts: string[] = []
  let text = ''
  const flush = (): void => {
    if (text !== '') parts.push(text)
    text = ''
  }
  const parser = new SaxesParser({})
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', ({ name, attributes }) => {
    flush()
    parts.push(`<${name}>`, ...Object.entries(attributes).map(([key, value]) => `@${key}=${value}`))
  })
  parser.on('closetag', ({ name }) => {
    flush()
    parts.push(`</${name}>`)
  })
  for (const kind of ['text', 'cdata'] as const) {
    parser.on(kind, (piece) => {
      text += piece
    })
  }
  for (const kind of ['comment', 'processinginstruction', 'doctype'] as const) {
    parser.on(kind, () => parts.push(`unexpected ${kind}`))
  }
  parser.write(document).close()
  return parts
}

function asUtf8(bytes: string): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(bytes, 'latin1'))
}
