/**
 * A body with `%tokens%` that held `${ani}`, or `%First Name%` as AutoID's own page shows it, was sent with these very characters and
 * nobody was told, although a URL or a header that held the same was refused. `check` warns of both, and says what would be right.
 */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${tokens} are what is tested
import { describe, expect, test } from 'vitest'
import { warningsIn } from '../config/check.ts'

const TOKENS = 'auth: { tokens: [ { name: a, secret: { env: TOKEN }, may: [send] } ] }'

/** Warnings of a webhook with this body, pasted as a block of lines. */
function warningsOfBody(body: string, keys = 'profile: custom'): readonly string[] {
  const block = body.replaceAll('\n', '\n      ')
  return warningsIn(`${TOKENS}\nwebhooks:\n  - id: a\n    url: https://x/\n    ${keys}\n    body: |-\n      ${block}`)
}

const VCC = 'profile: vcc-live-ivr'

describe('a body that holds', () => {
  test.each([
    ['{"a": "%ani%", "b": "${callid}"}', '7:28', '${callid} is sent as it stands: a token is written %callid% here'],
    ['{\n"a": "x ${ani} y"}', '8:15', '${ani} is sent as it stands: a token is written %ani% here'],
    [
      '<a>${tags.My Region}</a>',
      '7:10',
      '${tags.My Region} is sent as it stands: a token is written %tags.My Region% here',
    ],
    ['a=${ani}&b=%C3%A9', '7:9', '${ani} is sent as it stands: a token is written %ani% here'],
    ['{"a": "%Campaign Name%"}', '7:14', '%Campaign Name% is sent as it stands: did you mean %campaign_name%?'],
    [
      '{"a": "%First Name%"}',
      '7:14',
      '%First Name% is sent as it stands: did you mean %ani_first_name% or %lookup_first_name%?',
    ],
    ['<a b="%Location - Name%"/>', '7:13', '%Location - Name% is sent as it stands: did you mean %location_name%?'],
  ])('%j is told where', (body, place, message) => {
    expect(warningsOfBody(body)).toEqual([`f:${place} webhooks.0.body: ${message}`])
  })

  test.each([
    ['a=%ani%', '7:9', '%ani% is sent as it stands: a token is written ${ani} here'],
    ['a=%Caller ID%', '7:9', '%Caller ID% is sent as it stands: did you mean ${caller_id}?'],
  ])('%j among variables is told where', (body, place, message) => {
    expect(warningsOfBody(body, VCC)).toEqual([`f:${place} webhooks.0.body: ${message}`])
  })
})

test.each([
  '{"a": "%ani%", "b": "%ani%first name%ani%"}',
  '{"a": "${nobody_knows_this}"}',
  '{"a": "5 % of % and 100% first name 50%"}',
  '{"a": "%No Such Thing%"}',
  'a=%C3%A9&b=%20ani%20',
])('%j holds nothing of the kind', (body) => {
  expect(warningsOfBody(body)).toEqual([])
})

test.each(['a=${ani}&b=${nobody_knows_this}', 'a=%C3%A9&b=%20source%20', 'a=%nobody_knows_this%'])(
  '%j holds nothing of the kind among variables',
  (body) => {
    expect(warningsOfBody(body, VCC)).toEqual([])
  },
)

describe('a template', () => {
  const configured = (format: string, fields = '{}') =>
    warningsIn(
      [
        TOKENS,
        `templates: [ { id: lead, type: json, format: '${format}', fields: ${fields} } ]`,
        'webhooks: [ { id: a, profile: autoid, url: "https://x/", template: lead } ]',
        'bindings: [ { campaign: C, begin: [a] } ]',
      ].join('\n'),
    )

  test('is told of at the webhook that fills it', () => {
    expect(configured('{"a": "${ani}", "b": "%First Name%"}')).toEqual([
      'f:3:68 webhooks.0.template: template lead: line 1, column 8: ${ani} is sent as it stands: a token is written %ani% here',
      'f:3:68 webhooks.0.template: template lead: line 1, column 23: %First Name% is sent as it stands: did you mean %ani_first_name% or %lookup_first_name%?',
    ])
  })

  test('is not told of where a mapped data point stands in its place', () => {
    expect(configured('{"a": "${ani}", "b": "%First Name%"}', '{ a: ani, b: ani_first_name }')).toEqual([])
    expect(configured('{"a": {"b": "${ani}"}}', '{ a: tags }')).toEqual([])
  })
})

test('a static parameter of Google Analytics is text, as everywhere', () => {
  const keys =
    'option: google-analytics, measurementId: G-1, apiSecret: { env: TOKEN }, params: { a: { value: "%ani% ${ani}" } }'
  expect(
    warningsIn(`${TOKENS}\nwebhooks: [ { id: a, profile: dialogtech-post-call, url: "https://x/", ${keys} } ]`),
  ).toEqual([])
})

test('a template that several webhooks name is told once, with the first of them', () => {
  const webhook = (id: string): string =>
    `\n  - { id: ${id}, profile: custom, url: 'https://x/', on: [call.end], template: t }`
  const templates = 'templates: [ { id: t, type: json, format: \'{"a": "%First Name%"}\' } ]'
  const warnings = warningsIn(`${TOKENS}\n${templates}\nwebhooks:${webhook('a')}${webhook('b')}${webhook('c')}`)
  expect(warnings).toHaveLength(1)
  expect(warnings[0]).toContain('webhooks.0.template: template t: line 1')
})
