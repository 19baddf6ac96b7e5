/** The XML reader: what it gives, what it refuses, and that it agrees with saxes on what is well-formed. */
import fc from 'fast-check'
import { SaxesParser } from 'saxes'
import { describe, expect, test } from 'vitest'
import { readXml, type XmlElement } from '../../src/interpret/xml-reader.ts'

function rootText(xml: string): string {
  const document = readXml(xml)
  return document.kind === 'document' ? document.root.text : `invalid: ${document.detail}`
}

describe('text', () => {
  test.each([
    { xml: '<a>Tom &amp; Jerry</a>', text: 'Tom & Jerry' },
    { xml: '<a>&lt;&gt;&quot;&apos;</a>', text: '<>"\'' },
    { xml: '<a>&amp;lt;</a>', text: '&lt;' },
    { xml: '<a>&#38;lt;</a>', text: '&lt;' },
    { xml: '<a>&#65;&#x42;&#x1F600;&#00067;</a>', text: 'AB😀C' },
    { xml: '<a>x<![CDATA[<b>&amp;]]>y</a>', text: 'x<b>&amp;y' },
    { xml: '<a><![CDATA[]]]]><![CDATA[>]]></a>', text: ']]>' },
    { xml: '<a>1<!-- 2 -->3<?four?>5</a>', text: '135' },
    { xml: '<a>\r\n1\r2\n</a>', text: '\n1\n2\n' },
    { xml: '<a>&#13;</a>', text: '\r' },
    { xml: '<a>before<b>inside</b>after</a>', text: 'beforeafter' },
    { xml: '<a/>', text: '' },
    { xml: '<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n<a>declared</a>\n', text: 'declared' },
    { xml: '<?xml-stylesheet href="x"?><a>styled</a>', text: 'styled' },
    { xml: '<a href="&lt;" b = \'>\'>attributes</a >', text: 'attributes' },
  ])('$xml holds $text', ({ xml, text }) => {
    expect(rootText(xml)).toBe(text)
  })
})

describe('what is not well-formed', () => {
  test.each([
    { xml: '', detail: 'line 1: there is no element' },
    { xml: '<a/><b/>', detail: 'line 1: <b> is a second root element' },
    { xml: '<a/>\nx', detail: 'line 2: there is text outside the root element' },
    { xml: 'x<a/>', detail: 'line 1: there is text outside the root element' },
    { xml: '<a/>&#32;', detail: 'line 1: there is text outside the root element' },
    { xml: '<![CDATA[x]]><a/>', detail: 'line 1: there is text outside the root element' },
    { xml: '<a>&nbsp;</a>', detail: 'line 1: XML does not know &nbsp;' },
    { xml: '<a>&#0;</a>', detail: 'line 1: XML does not know &#0;' },
    { xml: '<a>&#xD800;</a>', detail: 'line 1: XML does not know &#xD800;' },
    { xml: '<a>&#x110000;</a>', detail: 'line 1: XML does not know &#x110000;' },
    { xml: '<a>Tom & Jerry</a>', detail: 'line 1: an & that begins no entity must be written &amp;' },
    { xml: '<a>&#x;</a>', detail: 'line 1: an & that begins no entity must be written &amp;' },
    { xml: '<a>]]></a>', detail: 'line 1: ]]> must not stand in text' },
    { xml: '<a>\u0001</a>', detail: 'line 1: a character that XML does not allow' },
    { xml: '<a>\uD800</a>', detail: 'line 1: a character that XML does not allow' },
    { xml: '<a>\n<b>\n</a>', detail: 'line 3: </a> stands where </b> was expected' },
    { xml: '</a>', detail: 'line 1: </a> closes nothing' },
    { xml: '<a></a', detail: 'line 1: the end tag is not well-formed' },
    { xml: '<a><b></b>', detail: 'line 1: <a> is never closed' },
    { xml: '<a b=c/>', detail: 'line 1: the tag <a> is not well-formed' },
    { xml: '<a b="<"/>', detail: 'line 1: the tag <a> is not well-formed' },
    { xml: '<a b="1"c="2"/>', detail: 'line 1: the tag <a> is not well-formed' },
    { xml: '<a b="1" b="2"/>', detail: 'line 1: <a> has the attribute b twice' },
    { xml: '<a b="&x;"/>', detail: 'line 1: XML does not know &x;' },
    { xml: '<a>1 < 2</a>', detail: 'line 1: a < that begins no tag must be written &lt;' },
    { xml: '<a><!-- -- --></a>', detail: 'line 1: -- must not stand in a comment' },
    { xml: '<a><!-- </a>', detail: 'line 1: the comment is never closed' },
    { xml: '<a><![CDATA[</a>', detail: 'line 1: the CDATA section is never closed' },
    { xml: '<a><?x</a>', detail: 'line 1: <? begins no processing instruction' },
    { xml: '<a><?x </a>', detail: 'line 1: the processing instruction is never closed' },
    { xml: '<a><!ELEMENT b></a>', detail: 'line 1: <! begins neither a comment nor a CDATA section' },
    { xml: '\n<?xml version="1.0"?><a/>', detail: 'line 2: an XML declaration stands only at the very beginning' },
    { xml: '<?xml version="2.0"?><a/>', detail: 'line 1: the XML declaration is not a right one' },
    { xml: '<?xml version="1.0" foo?><a/>', detail: 'line 1: the XML declaration is not a right one' },
    { xml: '<!DOCTYPE a><a/>', detail: 'line 1: a DOCTYPE is not accepted' },
    { xml: '<!doctype html><html/>', detail: 'line 1: a DOCTYPE is not accepted' },
  ])('$xml is refused: $detail', ({ xml, detail }) => {
    expect(readXml(xml)).toEqual({ kind: 'invalid', detail })
  })

  test('an entity bomb is refused at its DOCTYPE', () => {
    const bomb = '<?xml version="1.0"?>\n<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><a>&c;</a>'
    expect(readXml(bomb)).toEqual({ kind: 'invalid', detail: 'line 2: a DOCTYPE is not accepted' })
  })

  test('ten thousand elements inside each other are read', () => {
    expect(readXml('<a>'.repeat(10_000) + '</a>'.repeat(10_000)).kind).toBe('document')
  })
})

describe('compared with saxes', () => {
  const pieces = [
    '<a>', '</a>', '<b>', '</b>', '<a/>', '<c d="e"/>', "<c d='&amp;' f=\"g\">", '</c>', '<', '>', '/', '&', '&amp;', '&lt;', '&foo;',
    '&#65;', '&#x41;', '&#0;', ';', '<!--', '-->', '--', '-', '<![CDATA[', ']]>', ']', '<?', '?>', '<?pi x?>', '<?xml version="1.0"?>',
    '<?xml', '!', '=', '"', "'", ' ', '\n', '\r\n', 'text', 'é', '😀', '\u0000', '\uFFFE', ':', '<:x/>', '<a b', '<é/>', '.', '-x',
  ] // biome-ignore format: a table of fragments reads better in rows

  test('any text is accepted by both with the same content, or by neither', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 10 }), fc.boolean(), (parts, isWrapped) => {
        const xml = isWrapped ? `<a>${parts.join('')}</a>` : parts.join('')
        const document = readXml(xml)
        expect(document.kind === 'document' ? document.root : undefined).toEqual(readWithSaxes(xml))
      }),
      { numRuns: 20_000 },
    )
  })
})

/** The same tree made by saxes; `undefined` where it reports an error. */
function readWithSaxes(xml: string): XmlElement | undefined {
  const parser = new SaxesParser({ xmlns: false })
  const open: { name: string; text: string; children: XmlElement[] }[] = [{ name: '', text: '', children: [] }]
  let isBad = false
  const addText = (text: string): void => {
    const element = open.at(-1)
    if (element !== undefined) element.text += text
  }
  parser.on('error', () => {
    isBad = true
  })
  parser.on('opentag', (tag) => open.push({ name: tag.name, text: '', children: [] }))
  parser.on('closetag', () => {
    const element = open.pop()
    if (element !== undefined) open.at(-1)?.children.push(element)
  })
  parser.on('text', addText)
  parser.on('cdata', addText)
  parser.write(xml).close()
  return isBad ? undefined : open[0]?.children[0]
}
