/** Next actions: every row and footnote of the document's tables, each range on both sides, and answers that mean nothing. */
import { describe, expect, test } from 'vitest'
import { interpretAnswer } from '../../src/interpret/interpret-answer.ts'
import type { Decision } from '../../src/model/decision.ts'
import { answerOf } from './answers.ts'

const FINDME_DEFAULTS = { screen_method: 0, timeout: 30, nextaction: 1 }

function decide(xml: string): Decision {
  return interpretAnswer({ kind: 'next-action' }, answerOf(xml), [200])
}

function action(app: string, parameters = ''): Decision {
  return decide(`<action><app>${app}</app><parameters>${parameters}</parameters></action>`)
}

function findme(parameters: string): Decision {
  return action('findme', `<phone_list>2223334444</phone_list>${parameters}`)
}

function refused(detail: string): Decision {
  return { kind: 'backup', reason: 'invalid-response', detail }
}

describe('apps', () => {
  test.each([
    { app: 'ivr', parameters: '<id>12345</id>', read: { id: '12345' } },
    { app: 'ivr', parameters: '<id>1</id><question_id>007</question_id>', read: { id: '1', question_id: '007' } },
    { app: 'findme', parameters: '<id>9</id>', read: { id: '9', ...FINDME_DEFAULTS } },
    { app: 'findme', parameters: '<phone_list>1</phone_list>', read: { phone_list: ['1'], ...FINDME_DEFAULTS } },
    { app: 'vr', parameters: '<id>00123</id>', read: { id: '00123' } },
    { app: 'voicemail', parameters: '<id>42</id>', read: { id: '42' } },
    { app: 'hangup', parameters: '', read: {} },
    { app: 'transfer', parameters: '<destination>+18005550001</destination>', read: { destination: '+18005550001' } },
  ])('$app takes $parameters', ({ app, parameters, read }) => {
    expect(action(app, parameters)).toEqual({ kind: 'next-action', app, parameters: read })
  })

  test.each([
    { app: 'ivr', detail: 'ivr: id is missing' },
    { app: 'findme', detail: 'findme: id or phone_list is missing' },
    { app: 'vr', detail: 'vr: id is missing' },
    { app: 'voicemail', detail: 'voicemail: id is missing' },
    { app: 'transfer', detail: 'transfer: destination is missing' },
  ])('$app can not do without: $detail', ({ app, detail }) => {
    expect(action(app)).toEqual(refused(detail))
    expect(decide(`<action><app>${app}</app></action>`)).toEqual(refused(detail))
    expect(action(app, '<id> </id><destination/><phone_list></phone_list>')).toEqual(refused(detail))
  })

  test('hanging up needs no parameters element', () => {
    expect(decide('<action><app>hangup</app></action>')).toEqual({ kind: 'next-action', app: 'hangup', parameters: {} })
  })

  test('white space around the app and around values does not count', () => {
    expect(action('\n vr \n', '<id>\n  77 \n</id>')).toEqual({
      kind: 'next-action',
      app: 'vr',
      parameters: { id: '77' },
    })
  })

  test.each(['', 'FindMe', 'IVR', 'conference', '__proto__', 'constructor', 'toString'])(
    'the app %j is not known',
    (app) => {
      expect(action(app, '<id>1</id>')).toEqual(
        refused(`the app "${app}" is not one of ivr, findme, vr, voicemail, hangup, transfer`),
      )
    },
  )
})

describe('findme: whole numbers in their documented ranges', () => {
  test.each([
    { name: 'simultaneous', first: 1, last: Number.MAX_SAFE_INTEGER, before: '0', after: '9007199254740993' },
    { name: 'record', first: 0, last: 1, before: '-1', after: '2' },
    { name: 'screen_method', first: 0, last: 2, before: '-1', after: '3' },
    { name: 'auto_accept', first: 0, last: 3, before: '-1', after: '4' },
    { name: 'timeout', first: 20, last: 60, before: '19', after: '61' },
  ])('$name is $first to $last', ({ name, first, last, before, after }) => {
    for (const good of [first, last]) {
      expect(findme(`<${name}>${good}</${name}>`)).toMatchObject({ kind: 'next-action', parameters: { [name]: good } })
    }
    for (const bad of [before, after]) {
      expect(findme(`<${name}>${bad}</${name}>`)).toEqual(
        refused(`findme: ${name} ${bad} is not between ${first} and ${last}`),
      )
    }
  })

  test.each([
    { value: 'thirty', shown: '"thirty"' },
    { value: '30.5', shown: '"30.5"' },
    { value: '0x1e', shown: '"0x1e"' },
    { value: '3 0', shown: '"3 0"' },
    { value: '9'.repeat(400), shown: `"${'9'.repeat(40)}…"` },
  ])('the timeout $shown is no number', ({ value, shown }) => {
    expect(findme(`<timeout>${value}</timeout>`)).toEqual(refused(`findme: timeout ${shown} is not a whole number`))
  })
})

describe('findme: what follows when nobody answers', () => {
  test.each([1, 3, 7])('nextaction %i needs no item, and keeps one', (nextaction) => {
    const element = `<nextaction>${nextaction}</nextaction>`
    expect(findme(element)).toMatchObject({ kind: 'next-action', parameters: { nextaction } })
    expect(findme(`${element}<nextactionitem>5</nextactionitem>`)).toMatchObject({
      parameters: { nextaction, nextactionitem: '5' },
    })
  })

  test.each([
    { nextaction: 2, what: 'voicemail' },
    { nextaction: 4, what: 'virtual receptionist' },
    { nextaction: 5, what: 'findme' },
    { nextaction: 6, what: 'IVR' },
  ])('nextaction $nextaction needs the id of a building block: $what', ({ nextaction, what }) => {
    const element = `<nextaction>${nextaction}</nextaction>`
    expect(findme(`${element}<nextactionitem>0815</nextactionitem>`)).toMatchObject({
      parameters: { nextaction, nextactionitem: '0815' },
    })
    expect(findme(element)).toEqual(
      refused(`findme: nextaction ${nextaction} needs a nextactionitem, the ${what} building block's id`),
    )
  })

  test.each(['0', '8'])('nextaction %s is none', (value) => {
    expect(findme(`<nextaction>${value}</nextaction>`)).toEqual(
      refused(`findme: nextaction ${value} is not between 1 and 7`),
    )
  })
})

describe('findme: whom to call', () => {
  test.each([
    { list: '1|2|3', numbers: ['1', '2', '3'] },
    { list: ' 1 | 2 ', numbers: ['1', '2'] },
    { list: '1||2|', numbers: ['1', '2'] },
  ])('$list are the numbers $numbers', ({ list, numbers }) => {
    expect(action('findme', `<phone_list>${list}</phone_list>`)).toMatchObject({ parameters: { phone_list: numbers } })
  })

  test('a list of bars alone has no number', () => {
    expect(action('findme', '<phone_list>| |</phone_list>')).toEqual(refused('findme: phone_list has no number in it'))
  })

  test.each(['<phone_list>2223334444</phone_list>', '<phone_list>|</phone_list>', '<phone_list><x/></phone_list>'])(
    'beside an id, %s is ignored',
    (list) => {
      expect(action('findme', `${list}<id>7</id>`)).toEqual({
        kind: 'next-action',
        app: 'findme',
        parameters: { id: '7', ...FINDME_DEFAULTS },
      })
    },
  )

  test('beside an empty id the list counts', () => {
    expect(findme('<id></id>')).toEqual({
      kind: 'next-action',
      app: 'findme',
      parameters: { phone_list: ['2223334444'], ...FINDME_DEFAULTS },
    })
  })
})

describe('user parameters', () => {
  test('any name will do, and none does harm', () => {
    const decision = action(
      'ivr',
      '<id>1</id><user_parameters><firstname> Ann </firstname><__proto__>p</__proto__><constructor>c</constructor><e/></user_parameters>',
    )
    expect(decision.kind === 'next-action' ? Object.entries(decision.userParameters ?? {}) : []).toEqual([
      ['firstname', 'Ann'],
      ['__proto__', 'p'],
      ['constructor', 'c'],
      ['e', ''],
    ])
    expect(Object.hasOwn(Object.prototype, 'p')).toBe(false)
  })

  test('without any there is no such member', () => {
    expect(action('ivr', '<id>1</id><user_parameters></user_parameters>')).toEqual({
      kind: 'next-action',
      app: 'ivr',
      parameters: { id: '1' },
    })
  })

  test.each([
    { inside: '<a>1</a><a>2</a>', detail: 'ivr: the user parameter "a" stands twice' },
    { inside: '<a><b>1</b></a>', detail: 'ivr: <a> holds the element <b> where text was expected' },
  ])('$inside is refused: $detail', ({ inside, detail }) => {
    expect(action('ivr', `<id>1</id><user_parameters>${inside}</user_parameters>`)).toEqual(refused(detail))
  })
})

describe('pass-through data', () => {
  test.each(['hangup', 'transfer', 'vr', 'voicemail', 'findme'])('may come with %s too', (app) => {
    const decision = action(app, '<id>1</id><destination>1</destination><p_t>step|2</p_t>')
    expect(decision).toMatchObject({ app, passThrough: 'step|2', passThroughValues: { step: '2' } })
  })

  test.each([
    { element: '<p_t>  a|b  \n</p_t>', text: '  a|b  \n', values: { '  a': 'b  \n' } },
    { element: '<p_t>a&amp;b &amp;amp; <![CDATA[<c>]]></p_t>', text: 'a&b &amp; <c>', values: undefined },
    { element: '<p_t/>', text: '', values: undefined },
  ])('$element is kept unchanged', ({ element, text, values }) => {
    expect(action('hangup', element)).toEqual({
      kind: 'next-action',
      app: 'hangup',
      parameters: {},
      passThrough: text,
      ...(values === undefined ? {} : { passThroughValues: values }),
    })
  })
})

describe('answers that are no action', () => {
  test.each([
    { xml: '', detail: 'the body is not well-formed XML, line 1: there is no element' },
    { xml: 'thanks', detail: 'the body is not well-formed XML, line 1: there is text outside the root element' },
    {
      xml: '<!DOCTYPE html><html></html>',
      detail: 'the body is not well-formed XML, line 1: a DOCTYPE is not accepted',
    },
    { xml: '<html/>', detail: 'the root element is <html>, not <action>' },
    { xml: '<Action/>', detail: 'the root element is <Action>, not <action>' },
    { xml: '<r><action><app>hangup</app></action></r>', detail: 'the root element is <r>, not <action>' },
    { xml: '<action/>', detail: '<action> has no <app>' },
    { xml: '<action><App>hangup</App></action>', detail: '<action> has no <app>' },
    { xml: '<action><app>vr</app><app>vr</app></action>', detail: '<app> stands more than once in <action>' },
    {
      xml: '<action><app>hangup</app><parameters/><parameters/></action>',
      detail: 'hangup: <parameters> stands more than once in <action>',
    },
    { xml: '<action><app><b>vr</b></app></action>', detail: '<app> holds the element <b> where text was expected' },
    { xml: '<action><app>vr</app><id>1</id></action>', detail: 'vr: id is missing' },
    {
      xml: '<action><app>vr</app><parameters><id>1</id><id>1</id></parameters></action>',
      detail: 'vr: <id> stands more than once in <parameters>',
    },
    {
      xml: '<action><app>vr</app><parameters><id><n>1</n></id></parameters></action>',
      detail: 'vr: <id> holds the element <n> where text was expected',
    },
    {
      xml: '<action><app>hangup</app><parameters><p_t>1</p_t><p_t>2</p_t></parameters></action>',
      detail: 'hangup: <p_t> stands more than once in <parameters>',
    },
  ])('$xml gives backup: $detail', ({ xml, detail }) => {
    expect(decide(xml)).toEqual(refused(detail))
  })

  test('elements, attributes and comments that the document does not know are ignored', () => {
    expect(
      decide(
        '<?xml version="1.0"?><!-- x --><action v="2"><note>n</note><app lang="en">v<!-- -->r</app>' +
          '<parameters><id>1</id><dtmf_only>1</dtmf_only><timeout>999</timeout></parameters></action>',
      ),
    ).toEqual({ kind: 'next-action', app: 'vr', parameters: { id: '1' } })
  })
})
