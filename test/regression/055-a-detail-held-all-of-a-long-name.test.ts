/**
 * Where XML was not well-formed, the detail repeated an element's or attribute's name however long it was, up to the 64 KiB that
 * are read; and where a name was cut, half of a character could be left. A detail is one short line of whole characters.
 */
import { expect, test } from 'vitest'
import { interpretAnswer } from '../../src/interpret/interpret-answer.ts'
import { answerOf } from '../interpret/answers.ts'

const LONG = 'a'.repeat(30_000)
/** Each takes two UTF-16 units. */
const WIDE = `a${'𐀀'.repeat(100)}`
const DETAIL_LIMIT = 250

function detailOf(body: string): string {
  const decision = interpretAnswer({ kind: 'next-action' }, answerOf(body), [200])
  return decision.kind === 'backup' ? decision.detail : `no backup but ${decision.kind}`
}

test.each([
  ['an element that is never closed', (name: string) => `<${name}>`, /<a\S{39}…> is never closed$/],
  ['a second root', (name: string) => `<a/><${name}/>`, /<a\S{39}…> is a second root element$/],
  ['a tag that is not well-formed', (name: string) => `<${name} b>`, /the tag <a\S{39}…> is not well-formed$/],
  ['an end that closes nothing', (name: string) => `<b/></${name}>`, /<\/a\S{39}…> closes nothing$/],
  ['an end of something else', (name: string) => `<b></${name}>`, /<\/a\S{39}…> stands where <\/b> was expected$/],
  [
    'an element that ends as another',
    (name: string) => `<${name}></b>`,
    /<\/b> stands where <\/a\S{39}…> was expected$/,
  ],
  ['an attribute twice', (name: string) => `<b ${name}="" ${name}=""/>`, /<b> has the attribute a\S{39}… twice$/],
  ['an unknown entity', (name: string) => `<b>&${name};</b>`, /XML does not know &a\S{38}…$/],
  ['a root of another name', (name: string) => `<${name}/>`, /^the root element is <a\S{39}…>, not <action>$/],
  [
    'an element where text was expected',
    (name: string) => `<action><app><${name}/></app></action>`,
    /^<app> holds the element <a\S{39}…> where text was expected$/,
  ],
])('the detail of %s is short and whole', (_what, xml, expected) => {
  for (const name of [LONG, WIDE]) {
    const detail = detailOf(xml(name))
    expect(detail).toMatch(new RegExp(expected.source, 'u'))
    expect(detail.length).toBeLessThan(DETAIL_LIMIT)
    expect(detail.isWellFormed()).toBe(true)
  }
})

test('a name that is short enough is told whole', () => {
  const name = 'a'.repeat(40)
  expect(detailOf(`<${name}>`)).toBe(`the body is not well-formed XML, line 1: <${name}> is never closed`)
})
