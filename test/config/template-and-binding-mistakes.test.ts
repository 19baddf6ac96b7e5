import { describe, expect, test } from 'vitest'
import { load, mistakesIn } from './check.ts'
import { bindings, WRONG_BINDINGS, WRONG_TEMPLATES } from './wrong-bindings.ts'

describe('templates', () => {
  test.each(WRONG_TEMPLATES)('%s is refused', (text, issues) => {
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

describe('bindings', () => {
  test.each(WRONG_BINDINGS)('%s is refused', (item, issues) => {
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
