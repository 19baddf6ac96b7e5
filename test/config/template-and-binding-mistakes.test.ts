import { describe, expect, test } from 'vitest'
import { load, mistakesIn } from './check.ts'

describe('templates', () => {
  test.each([
    [
      'templates: [ { id: a, type: json } ]',
      ['f:1:14 templates.0.format: is missing: a text of 1 to 65536 characters is expected'],
    ],
    [
      'templates: [ { id: a, type: jsn, format: "{}" } ]',
      ['f:1:29 templates.0.type: json or xml is expected, not "jsn"; did you mean json?'],
    ],
    [
      'templates: [ { id: a, type: json, format: "{}", feilds: {} } ]',
      ['f:1:49 templates.0.feilds: unknown key; did you mean fields?'],
    ],
    [
      'templates: [ { id: a, type: json, format: "{}", fields: [a] } ]',
      ['f:1:57 templates.0.fields: a mapping is expected, not a list'],
    ],
    [
      'templates: [ { id: a, type: json, format: "{}", fields: { a: 5 } } ]',
      ['f:1:62 templates.0.fields.a: a data point is expected, not 5'],
    ],
    [
      'templates: [ { id: a, type: json, format: "{}" }, { id: a, type: json, format: "{}" } ]',
      ['f:1:57 templates.1.id: a is there already: choose another id'],
    ],
  ])('%s is refused', (text, issues) => {
    expect(mistakesIn(text)).toEqual(issues)
  })

  test('are placed at the very character, in a block as in a line', () => {
    const text = [
      'templates:',
      '  - id: block',
      '    type: json',
      '    format: | # pasted',
      '',
      '      {"a": "%ani%",',
      '       "b": "%anj%"}',
      '  - { id: line, type: json, format: \'{"a": "%anj%"}\' }',
    ].join('\n')
    const message = 'unknown token %anj%: did you mean %ani%?'
    expect(mistakesIn(text)).toEqual([`f:7:14 templates.0.format: ${message}`, `f:8:45 templates.1.format: ${message}`])
  })

  test('say the line and column within where the text is not the value character by character', () => {
    const text = 'templates: [ { id: a, type: json, format: "{\\n\\"a\\": \\"%anj%\\"}" } ]'
    expect(mistakesIn(text)).toEqual([
      'f:1:43 templates.0.format: line 2, column 7: unknown token %anj%: did you mean %ani%?',
    ])
  })

  test('are right where they are right in one of the two syntaxes', () => {
    expect(mistakesIn(`templates: [ { id: a, type: json, format: '{"n": \${any_name}}' } ]`)).toEqual([])
  })

  test('are told of the webhook that fills them in the other syntax', () => {
    const text = [
      `templates: [ { id: a, type: json, format: '{"n": \${any_name}}' } ]`,
      'webhooks: [ { id: h, profile: autoid, url: "https://x/", template: a } ]',
    ].join('\n')
    const [issue = ''] = mistakesIn(text)
    expect(issue.startsWith("f:2:68 webhooks.0.template: template a can't be filled here: line 1, column 7: ")).toBe(
      true,
    )
  })

  test('that are wrong do not make the webhooks wrong that use them', () => {
    const text = [
      'templates: [ { id: a, type: jsn, format: "{}" } ]',
      'webhooks: [ { id: h, profile: autoid, url: "https://x/", template: a } ]',
      'bindings: [ { campaign: C, begin: [h] } ]',
    ].join('\n')
    expect(mistakesIn(text)).toHaveLength(1)
  })

  test('of a group are only for its accounts', () => {
    const text = (account: string) =>
      [
        'accounts: [ { id: acme, groups: [dealers] }, { id: other } ]',
        'templates: [ { id: a, type: json, format: "{}", group: dealers } ]',
        `webhooks: [ { id: h, account: ${account}, profile: autoid, url: "https://x/", template: a } ]`,
      ].join('\n')
    const refused = (account: string) =>
      `webhooks.0.template: template a is for accounts of group dealers only, and ${account} is not in it`
    expect(mistakesIn(text('acme'))).toEqual([])
    expect(mistakesIn(text('other'))).toEqual([`f:3:84 ${refused('other')}`])
    expect(mistakesIn(text('nobody'))).toEqual([`f:3:85 ${refused('nobody')}`])
  })
})

const WEBHOOKS = [
  'templates: [ { id: t, type: json, format: "{}" } ]',
  'webhooks:',
  '  - { id: crm, profile: autoid, url: "https://x/", template: t }',
  '  - { id: log, profile: dialogtech-post-call, url: "https://x/" }',
  '  - { id: acme-log, account: acme, profile: dialogtech-post-call, url: "https://x/" }',
  '  - { id: live, profile: vcc-live-ivr, url: "https://x/" }',
  '  - { id: note, profile: vcc-live-ivr, url: "https://x/", sendOnHangup: true }',
  '  - { id: words, profile: dialogtech-transcription, url: "https://x/" }',
]

/** Bindings, one a line, from line 10 on, each at column 5. */
const bindings = (...items: readonly string[]): string =>
  [...WEBHOOKS, 'bindings:', ...items.map((item) => `  - ${item}`)].join('\n')

describe('bindings', () => {
  const path = 'bindings.0'
  test.each([
    ['5', `f:10:5 ${path}: a mapping is expected, not 5`],
    [
      '{ postCall: none }',
      `f:10:5 ${path}: is for nothing: one of ivr, number, pool, adGroup, campaign, treatment, dniCampaign or process is expected`,
    ],
    [
      '{ number: 1, pool: a, postCall: none }',
      `f:10:5 ${path}: number and pool stand together: a binding has one of them`,
    ],
    ['{ number: abc, postCall: none }', `f:10:15 ${path}.number: "abc" has no digits: a telephone number is expected`],
    ['{ campaign: [a], begin: [crm] }', `f:10:17 ${path}.campaign: a text is expected, not a list`],
    ['{ number: 1 }', `f:10:5 ${path}: triggers nothing: postCall is expected beside number`],
    ['{ campaign: a }', `f:10:5 ${path}: triggers nothing: begin or end is expected beside campaign`],
    ['{ number: 1, begin: [crm] }', `f:10:18 ${path}.begin: does not go with number: postCall does`],
    ['{ campaign: a, begin: crm }', `f:10:27 ${path}.begin: a list of webhook ids is expected, not "crm"`],
    [
      '{ number: 1, postCall: acount-wide }',
      `f:10:28 ${path}.postCall: account-wide, none or a list of webhook ids is expected, not "acount-wide"; did you mean account-wide?`,
    ],
    ['{ campaign: a, begin: none }', `f:10:27 ${path}.begin: a list of webhook ids is expected, not "none"`],
    ['{ campaign: a, begin: [cmr] }', `f:10:28 ${path}.begin.0: there is no webhook cmr; did you mean crm?`],
    ['{ campaign: a, begin: [5] }', `f:10:28 ${path}.begin.0: a webhook id is expected, not 5`],
    [
      '{ campaign: a, begin: [log] }',
      `f:10:28 ${path}.begin.0: log is a webhook of dialogtech-post-call: one of autoid is expected`,
    ],
    [
      '{ number: 1, postCall: [acme-log] }',
      `f:10:29 ${path}.postCall.0: acme-log belongs to account acme, this binding to default`,
    ],
    [
      '{ process: 77, hangup: [live] }',
      `f:10:29 ${path}.hangup.0: live is not sent on call.end: set sendOnHangup there`,
    ],
    [
      '{ campain: a, begin: [crm] }',
      [
        `f:10:5 ${path}: is for nothing: one of ivr, number, pool, adGroup, campaign, treatment, dniCampaign or process is expected`,
        `f:10:7 ${path}.campain: unknown key; did you mean campaign?`,
      ],
    ],
    [
      `{ id: ${'x'.repeat(201)}, number: 1, postCall: none }`,
      `f:10:11 ${path}.id: a text of 1 to 200 characters is expected, not "${'x'.repeat(56)}...`,
    ],
    [
      `{ campaign: ${'x'.repeat(184)}, begin: [] }`,
      `f:10:17 ${path}.campaign: is too long to make an id of account and key: give the binding an id of at most 200 characters`,
    ],
  ])('%s is refused', (item, issues) => {
    expect(mistakesIn(bindings(item))).toEqual([issues].flat())
  })

  test.each([
    ['{ campaign: a, begin: [crm, crm] }', 'default:campaign:a', 'a', { begin: ['crm'], end: [] }],
    [
      '{ treatment: Main/Sales, end: [crm] }',
      'default:treatment:Main/Sales',
      'Main/Sales',
      { begin: [], end: ['crm'] },
    ],
    ['{ number: 8005550001, postCall: [log] }', 'default:number:8005550001', '8005550001', { postCall: ['log'] }],
    ['{ number: "(800) 555-0001", postCall: none }', 'default:number:8005550001', '8005550001', { postCall: 'none' }],
    [
      '{ number: 0361234567, postCall: account-wide }',
      'default:number:0361234567',
      '0361234567',
      { postCall: 'account-wide' },
    ],
    ['{ account: acme, pool: P, postCall: [acme-log] }', 'acme:pool:P', 'P', { postCall: ['acme-log'] }],
    ['{ id: Any text!, adGroup: 5, postCall: [] }', 'Any text!', '5', { postCall: [] }],
    ['{ ivr: 12345, transcription: [words] }', 'default:ivr:12345', '12345', { transcription: ['words'] }],
    ['{ process: 77, hangup: [note] }', 'default:process:77', '77', { hangup: ['note'] }],
    [
      `{ campaign: ${'x'.repeat(183)}, begin: [] }`,
      `default:campaign:${'x'.repeat(183)}`,
      'x'.repeat(183),
      { begin: [], end: [] },
    ],
  ])('%s is right', (item, id, value, targets) => {
    expect(load(bindings(item)).bindings[0]).toMatchObject({ id, value, targets })
  })

  test('of the same account and key are one too many', () => {
    expect(mistakesIn(bindings('{ number: 1-2, postCall: none }', '{ number: 12, postCall: none }'))).toEqual([
      'f:11:5 bindings.1: default:number:12 is there already: put what they trigger into one',
    ])
  })

  test('to a webhook that has mistakes of its own are right', () => {
    const text = 'webhooks: [ { id: a, profile: autoid } ]\nbindings: [ { campaign: x, begin: [a] } ]'
    expect(mistakesIn(text).every((issue) => issue.includes(' webhooks.0.'))).toBe(true)
  })
})
