import { describe, expect, test } from 'vitest'
import { PROFILES, TRIGGER_RULES } from '../../src/profiles/profiles.ts'
import { describeWebhook, mistakesIn } from './describe.ts'

const url = 'https://x.example.com/'

describe('the table of profiles', () => {
  test.each([
    ['dialogtech-ivr', 'invoke', ['POST', 'GET']],
    ['dialogtech-transcription', 'send', ['GET']],
    ['dialogtech-post-call', 'send', ['POST', 'GET']],
    ['autoid', 'send', ['POST', 'PUT']],
    ['vcc-live-ivr', 'both', ['POST', 'GET', 'DELETE', 'PUT']],
    ['wix-answers-ivr', 'invoke', ['POST']],
    ['custom', 'both', ['POST', 'GET', 'PUT', 'PATCH', 'DELETE']],
  ])('has %s, which can %s by %j', (id, job, methods) => {
    const profile = PROFILES.find((each) => each.id === id)
    expect([profile?.job, profile?.methods]).toEqual([job, methods])
  })

  test('uses the first method as the default', () => {
    for (const { id, methods } of PROFILES) {
      expect([id, describeWebhook(id, { url, ...templateOf(id) }).request.method]).toEqual([id, methods[0]])
    }
  })

  test('has a binding key only once, so that a key tells the profile', () => {
    const keys = PROFILES.flatMap(({ triggers }) =>
      [...new Set(triggers.flatMap((rule) => rule.keys))].map(({ name }) => name),
    )
    expect(keys.toSorted()).toEqual([...new Set(keys)].toSorted())
  })

  test('gives every event type of a profile at most one rule', () => {
    for (const rules of TRIGGER_RULES.values()) {
      const types = rules.map(({ eventType }) => eventType)
      expect(types).toEqual([...new Set(types)])
    }
  })
})

describe('trigger rules', () => {
  const rows = [...TRIGGER_RULES].flatMap(([profile, rules]) =>
    rules.map(({ eventType, member, keys, match, words, unbound }) => [
      profile,
      eventType,
      member,
      keys.map(({ name, points, compare }) => `${name}=${points.join('|')}:${compare}`).join(' '),
      match,
      words.join(' '),
      unbound,
    ]),
  )
  const autoidKeys = 'campaign=campaign_name:text treatment=treatment:text dniCampaign=dni_campaign:text'
  const postCallKeys =
    'number=called_number|tracking|ivr_number_called:digits pool=st_pool_name:text adGroup=ad_group:text'

  test('are those of the contract', () => {
    expect(rows).toEqual([
      [
        'dialogtech-transcription',
        'transcription.completed',
        'transcription',
        'ivr=survo_id|ivr_id:text',
        'all',
        '',
        'unnamed',
      ],
      ['dialogtech-post-call', 'call.end', 'postCall', postCallKeys, 'first', 'account-wide none', 'all-calls'],
      ['autoid', 'call.begin', 'begin', autoidKeys, 'all', '', 'none'],
      ['autoid', 'call.end', 'end', autoidKeys, 'all', '', 'none'],
      ['vcc-live-ivr', 'call.end', 'hangup', 'process=projectid:text', 'all', '', 'unnamed'],
    ])
  })
})

describe('the keys that every profile takes', () => {
  test.each(PROFILES.map(({ id }) => id))('are the same for %s: parameters go along, headers are set', (id) => {
    const settings = { url, params: { a: { value: 'x' } }, headers: { 'X-A': 'y' }, ...templateOf(id) }
    const { request } = describeWebhook(id, settings)
    const groups = [...request.query, ...(request.body.kind === 'form' ? request.body.groups : [])]
    expect(groups[0]?.params[0]).toEqual({ name: 'a', value: { kind: 'text', text: 'x', syntax: 'none' } })
    expect(request.headers.map(({ name }) => name)).toContain('x-a')
  })

  test.each([
    [[{ name: 'a', from: 'ani' }], { kind: 'point', path: 'ani' }],
    [[{ name: 'a', value: 'ani' }], { kind: 'text', text: 'ani', syntax: 'none' }],
    [[{ name: 'a', value: 5 }], { kind: 'text', text: '5', syntax: 'none' }],
    [{ a: 'responses.1' }, { kind: 'point', path: 'responses.1' }],
    [{ a: { value: true } }, { kind: 'text', text: 'true', syntax: 'none' }],
  ])('take parameters as %j', (params, value) => {
    expect(describeWebhook('custom', { url, params, method: 'GET' }).request.query).toEqual([
      { params: [{ name: 'a', value }] },
    ])
  })

  test.each([
    ['a', 'params: a mapping of names to data points is expected, not "a"'],
    [{ a: 5 }, 'params.a: a data point or { value: text } is expected, not 5'],
    [{ a: '' }, 'params.a: a data point or { value: text } is expected, not ""'],
    [{ a: { val: 'x' } }, 'params.a.val: unknown key; known here: value'],
    [{ a: {} }, 'params.a.value: is missing: a text is expected'],
    [['a'], 'params.0: { name, from } or { name, value } is expected, not "a"'],
    [[{ name: 'a' }], 'params.0: either from (a data point) or value (a text) is expected'],
    [[{ name: 'a', from: 'b', value: 'c' }], 'params.0: either from (a data point) or value (a text) is expected'],
    [[{ from: 'b' }], 'params.0.name: is missing: a text is expected'],
    [[{ name: 'a', form: 'b' }], 'params.0.form: unknown key; did you mean from?'],
  ])('refuse parameters %j', (params, message) => {
    expect(mistakesIn('custom', { url, params })).toEqual([message])
  })

  const taken = (name: string) => `${name} is set by the engine and can't be configured: leave it out`
  test.each([
    'accept-encoding',
    'connection',
    'content-length',
    'expect',
    'host',
    'keep-alive',
    'te',
    'traceparent',
    'trailer',
    'transfer-encoding',
    'upgrade',
    'user-agent',
    'webhook-id',
    'webhook-signature',
    'proxy-authorization',
  ])('refuse the header %s, in whatever case', (name) => {
    expect(mistakesIn('custom', { url, headers: { [name.toUpperCase()]: 'x' } })).toEqual([
      `headers.${name.toUpperCase()}: ${taken(name)}`,
    ])
  })

  test.each([
    ['a', 'headers: a list of { name, value } is expected, not "a"'],
    [{ 'x y': 'a' }, 'headers.x y: "x y" is no header name: letters, digits and - make one'],
    [{ '': 'a' }, 'headers.: "" is no header name: letters, digits and - make one'],
    [{ 'x-a': 'a\r\nx-b: c' }, 'headers.x-a: a header value is one line without control characters'],
    [['a'], 'headers.0: { name, value } is expected, not "a"'],
    [[{ value: 'a' }], 'headers.0.name: is missing: a header name is expected'],
    [[{ name: 'a', valeu: 'a', value: 'b' }], 'headers.0.valeu: unknown key; did you mean value?'],
    [{ 'x-a': '1', 'X-A': '2' }, 'headers.X-A: x-a is there already: a header is given once'],
  ])('refuse headers %j', (headers, message) => {
    expect(mistakesIn('custom', { url, headers })).toEqual([message])
  })

  test.each([
    [200, []],
    [599, []],
    [199, ['successCodes.0: a whole number from 200 to 599 is expected, not 199']],
    [600, ['successCodes.0: a whole number from 200 to 599 is expected, not 600']],
  ])('take status %i for success: %j', (status, mistakes) => {
    expect(mistakesIn('custom', { url, successCodes: [status] })).toEqual(mistakes)
  })

  test.each([
    [8192, 0],
    [8193, 1],
  ])('take a URL of %i characters with %i mistakes', (length, count) => {
    expect(mistakesIn('custom', { url: url.padEnd(length, 'x') })).toHaveLength(count)
  })
})

function templateOf(profile: string): object {
  return profile === 'autoid' ? { template: 'lead' } : {}
}
