/** XML templates: what a token becomes in each place, field maps, and what is refused. */
import { describe, expect, test } from 'vitest'
import { FORMAT_DEPTH_LIMIT } from '../../src/compile/format.ts'
import type { DataValue } from '../../src/model/data.ts'
import { body, issues, template } from './rendering.ts'

describe('a token', () => {
  test.each<[value: DataValue | undefined, inText: string, inAttribute: string, inCdata: string]>([
    ['text', 'text', 'text', 'text'],
    ['<&>"\'', '&lt;&amp;&gt;"\'', '&lt;&amp;&gt;&quot;&#39;', '<&>"\''],
    ['\t\n\r', '\t\n&#13;', '&#9;&#10;&#13;', '\t\n]]>&#13;<![CDATA['],
    ['a]]>b', 'a]]&gt;b', 'a]]&gt;b', 'a]]]]><![CDATA[>b'],
    ['\0\u0001\u000b\ufffe\uffff\ud800x\udc00', 'x', 'x', 'x'],
    ['é😀\u0085\u2028', 'é😀\u0085\u2028', 'é😀\u0085\u2028', 'é😀\u0085\u2028'],
    [36, '36', '36', '36'],
    [true, 'true', 'true', 'true'],
    [null, '', '', ''],
    [undefined, '', '', ''],
    [{ a: '<' }, '<a>&lt;</a>', '{&quot;a&quot;:&quot;&lt;&quot;}', '{"a":"<"}'],
    [
      ['x', ['y'], null],
      '<item>x</item><item><item>y</item></item><item></item>',
      '[&quot;x&quot;,[&quot;y&quot;],null]',
      '["x",["y"],null]',
    ],
    [
      { '1st of:all': 1, '': 2, 'é-1.x': 3 },
      '<_st_of_all>1</_st_of_all><_>2</_><é-1.x>3</é-1.x>',
      '{&quot;1st of:all&quot;:1,&quot;&quot;:2,&quot;é-1.x&quot;:3}',
      '{"1st of:all":1,"":2,"é-1.x":3}',
    ],
    [[], '', '[]', '[]'],
  ])('with %j is %s in text, %s in an attribute, %s in CDATA', (value, inText, inAttribute, inCdata) => {
    const data = value === undefined ? {} : { question: value }
    const format = `<a b="%question%" c='%question%'>%question% <![CDATA[%question%]]></a>`
    expect(body(template('xml', format), data)).toBe(
      `<a b="${inAttribute}" c='${inAttribute}'>${inText} <![CDATA[${inCdata}]]></a>`,
    )
  })

  test.each([
    ['x]%question%', '>', 'x]]]><![CDATA[>'],
    ['x]%question%', ']>', 'x]]]><![CDATA[]>'],
    [']%question%]>', '', ']]]><![CDATA[]>'],
    ['%question%>', ']]', ']]><![CDATA[]]]]><![CDATA[>'],
    ['%question%%ani%', ']', ']]><![CDATA[]]]><![CDATA[]]><![CDATA[>'],
  ])('beside text of a CDATA section (%s with %s) cannot end it', (section, question, expected) => {
    expect(body(template('xml', `<a><![CDATA[${section}]]></a>`), { question, ani: '>' })).toBe(
      `<a><![CDATA[${expected}]]></a>`,
    )
  })

  test('in a comment or processing instruction is literal text', () => {
    const format = '<?pi %ani%?><!-- %ani% %nobody% --><a><!--%ani%--><?pi %nobody%?></a><!-- %ani% -->'
    expect(body(template('xml', format), { ani: 'x' })).toBe(format)
  })
})

test('everything else of a format stays byte by byte', () => {
  const format =
    '\ufeff<?xml version="1.0" encoding=\'utf-8\' standalone="yes" ?>\r\n<!-- c -->\n<?p x?>' +
    '<a:b  c = "1"\td=\'"\' >\r\n&lt;&#233;&#xE9; ]] > 100% <e/><e />é<![CDATA[<x>&]]]]></a:b >\n<!----> \n'
  expect(body(template('xml', format))).toBe(format)
})

describe('a field map', () => {
  test('replaces texts, empty elements, CDATA, attributes and elements with content', () => {
    const format =
      '<lead id="1" x=\'2\'><name> Jane %ani% </name><a/><b c="d" /><d><![CDATA[x]]></d><tags><t>1</t></tags><p>1</p><p>2</p></lead>'
    const fields = {
      'lead.@id': 'ani',
      'lead.name': 'ani',
      'lead.a': 'tags',
      'lead.b': 'ani',
      'lead.b.@c': 'tags',
      'lead.d': 'tags',
      'lead.tags': 'tags',
      'lead.p.1': 'ani',
    }
    expect(body(template('xml', format, { fields }), { ani: '<', tags: [1] })).toBe(
      '<lead id="&lt;" x=\'2\'><name>&lt;</name><a><item>1</item></a><b c="[1]" >&lt;</b><d><![CDATA[[1]]]></d>' +
        '<tags><item>1</item></tags><p>1</p><p>&lt;</p></lead>',
    )
  })

  test.each([
    ['lead.phone', 'fields.lead.phone 1:1 the format has no field lead.phone: did you mean lead.phone.0?'],
    ['lead.@Id', 'fields.lead.@Id 1:1 the format has no field lead.@Id: did you mean lead.@id?'],
    ['lead.phone.2', 'fields.lead.phone.2 1:1 the format has no field lead.phone.2: did you mean lead.phone.0?'],
  ])('is refused for %s', (path, issue) => {
    const format = '<lead id=""><phone/><phone/></lead>'
    expect(issues({ body: template('xml', format, { fields: { [path]: 'ani' } }) })).toEqual([issue])
  })
})

describe('an XML format is refused', () => {
  const tag = 'a token can stand in text, attribute values and CDATA only, not in a tag'
  const reference = '"&" begins no reference of XML: write &amp;, or one of &lt; &gt; &quot; &apos; &#233;'
  test.each([
    ['', 'body 1:1 unexpected end of the text: a root element such as <lead> must stand here'],
    ['text', 'body 1:1 unexpected "t": a root element such as <lead> must stand here'],
    ['<a>', 'body 1:1 <a> has no end tag'],
    ['<a>\n<b></a>', 'body 2:4 </a> where <b> is open: </b> must stand here'],
    ['<a></a', 'body 1:7 unexpected end of the text: ">" must stand behind </a'],
    ['<a/><b/>', 'body 1:5 unexpected "<" after the root element: a document has one root'],
    ['<a/>x', 'body 1:5 unexpected "x" after the root element: a document has one root'],
    ['<1/>', 'body 1:2 unexpected "1": an element name must stand here'],
    ['<a b/>', 'body 1:5 unexpected "/": "=" must stand behind the attribute b'],
    ['<a b=1/>', 'body 1:6 unexpected "1": the value of b must stand here in quotes'],
    ['<a b="1/>', 'body 1:6 the value of b has no closing quote'],
    ['<a b="<"/>', 'body 1:7 "<" in the value of b: write &lt;, or close the quotes before it'],
    [
      '<a b="1"c="2"/>',
      `body 1:9 unexpected "c": in the tag <a> a space and an attribute, "/>" or ">" must stand here`,
    ],
    ['<a b="1" b="2"/>', 'body 1:10 the attribute b stands twice in this tag'],
    ['<a>&nbsp;</a>', `body 1:4 ${reference}`],
    ['<a b="x & y"/>', `body 1:9 ${reference}`],
    ['<a>&#0;</a>', "body 1:4 &#0; is a character that XML 1.0 can't carry: leave it out"],
    ['<a>&#x110000;</a>', "body 1:4 &#x110000; is a character that XML 1.0 can't carry: leave it out"],
    ['<a>\u0001</a>', "body 1:4 U+0001 can't stand in XML 1.0: leave it out"],
    ['<a>]]></a>', 'body 1:4 "]]>" in text: write ]]&gt;'],
    ['<a><![CDATA[x</a>', 'body 1:4 this CDATA section has no end: ]]> must stand behind it'],
    ['<a><!-- x</a>', 'body 1:4 this comment has no end: --> must stand behind it'],
    ['<a><!-- a -- b --></a>', 'body 1:11 "--" in a comment: leave it out'],
    ['<a><?p x</a>', 'body 1:4 this processing instruction has no end: ?> must stand behind it'],
    ['<a><?p+?></a>', 'body 1:7 unexpected "+" behind <?p: a space must stand here'],
    [' <?xml version="1.0"?><a/>', 'body 1:2 an XML declaration can stand at the very beginning only'],
    ['<?xml version="1.1"?><a/>', 'body 1:1 the XML declaration must be <?xml version="1.0" encoding="UTF-8"?>'],
    [
      '<?xml version="1.0" encoding="latin1"?><a/>',
      'body 1:1 the XML declaration must be <?xml version="1.0" encoding="UTF-8"?>',
    ],
    ['<!DOCTYPE a><a/>', 'body 1:1 a DOCTYPE is refused: leave it out'],
    ['<?xml version="1.0"?>\n<!DOCTYPE a [<!ENTITY b "c">]>\n<a/>', 'body 2:1 a DOCTYPE is refused: leave it out'],
    ['<a><!DOCTYPE a></a>', 'body 1:4 a DOCTYPE is refused: leave it out'],
    ['<%ani%/>', `body 1:2 ${tag}`],
    ['<a%ani%/>', `body 1:3 ${tag}`],
    ['<a %ani%="1"/>', `body 1:4 ${tag}`],
    ['<a></%ani%>', `body 1:6 ${tag}`],
    ['<a><!-- %anii% -->\n%anii%</a>', 'body 2:1 unknown token %anii%: did you mean %ani%?'],
  ])('%j: %s', (format, issue) => {
    expect(issues({ body: template('xml', format) })).toEqual([issue])
  })

  test('with all that is wrong, in the order of the text', () => {
    expect(issues({ body: template('xml', '<a b="&"\n b="%anii%">]]>\r\n&x;<b></a>') })).toEqual([
      `body 1:7 ${reference}`,
      'body 2:2 the attribute b stands twice in this tag',
      'body 2:5 unknown token %anii%: did you mean %ani%?',
      'body 2:13 "]]>" in text: write ]]&gt;',
      `body 3:1 ${reference}`,
      'body 3:7 </a> where <b> is open: </b> must stand here',
    ])
  })

  test('where it nests too deeply, and not before', () => {
    const nested = (depth: number) => '<a>'.repeat(depth) + '</a>'.repeat(depth)
    expect(issues({ body: template('xml', nested(FORMAT_DEPTH_LIMIT)) })).toEqual([])
    expect(issues({ body: template('xml', nested(FORMAT_DEPTH_LIMIT + 1)) })).toEqual([
      'body 1:301 nested deeper than 100',
    ])
  })
})
