import { describe, expect, test } from 'vitest'
import { describeWebhook, mistakesIn, render } from './describe.ts'

describe('an AutoID webhook', () => {
  const settings = { url: 'https://crm.example.com/leads?key=k1', template: 'lead' }

  test("sends the document's example: fields of the format, filled with data points", () => {
    const data = { ani_first_name: 'Freddy', ani_last_name: 'Krueger', ani: '7776734736', campaign_name: 'Sales "Q1"' }
    const request = render('autoid', settings, data)
    expect([request.method, request.path]).toEqual(['POST', '/leads?key=k1'])
    expect(JSON.parse(request.body ?? '')).toEqual({
      first: 'Freddy',
      last: 'Krueger',
      phone: '7776734736',
      source: 'Sales "Q1"',
    })
  })

  test.each([
    ['lead', 'application/json'],
    ['call', 'application/xml'],
  ])('sends template %s as %s', (template, type) => {
    const request = render('autoid', { ...settings, template }, {})
    expect(request.headers).toEqual(['content-type', type])
  })

  test('lets a content-type header replace the default', () => {
    const headers = [{ name: 'Content-Type', value: 'application/vnd.lead+json' }]
    expect(render('autoid', { ...settings, headers }, {}).headers).toEqual([
      'content-type',
      'application/vnd.lead+json',
    ])
  })

  test('sends header values as they stand', () => {
    const request = render('autoid', { ...settings, headers: { 'X-Share': '100% %phone' } }, {})
    expect(request.headers.slice(2)).toEqual(['x-share', '100% %phone'])
  })

  test('is triggered by bindings alone', () => {
    expect(describeWebhook('autoid', settings).trigger).toEqual({ on: ['call.begin', 'call.end'], unbound: false })
  })

  test.each([200, 201, 202, 203, 204])('can take %i for success', (status) => {
    expect(describeWebhook('autoid', { ...settings, successCodes: [status] }).success).toEqual([status])
  })

  test.each([
    [{ successCodes: [199] }, 'successCodes.0: 200, 201, 202, 203 or 204 is expected, not 199'],
    [{ successCodes: [205] }, 'successCodes.0: 200, 201, 202, 203 or 204 is expected, not 205'],
    [{ method: 'GET' }, 'method: POST or PUT is expected, not "GET"'],
    [{ template: 'none' }, 'template: there is no template none'],
    [{ include: ['sourcetrak'] }, 'include.0: this profile has nothing to include: leave the key out'],
  ])('refuses %j', (changes, message) => {
    expect(mistakesIn('autoid', { ...settings, ...changes })).toEqual([message])
  })
})

describe('a VCC Live webhook', () => {
  const VCC = 'vcc-live-ivr'
  const data = { source: '36 20&1', pin: 'a"b' }

  test("sends the document's example by GET: variables in the URL", () => {
    const url = `https://example.com/?key1=\${source}&key2=\${pin}&key3=string`
    const request = render(VCC, { url, method: 'GET' }, data)
    expect(request.path).toBe('/?key1=36%2020%261&key2=a%22b&key3=string')
    expect([request.body, request.headers]).toEqual([null, []])
  })

  test("sends the document's example as a form", () => {
    const request = render(VCC, { url: 'https://example.com', body: `key1=\${source}&key2=\${pin}&key3=string` }, data)
    expect([...new URLSearchParams(request.body ?? '')]).toEqual([
      ['key1', '36 20&1'],
      ['key2', 'a"b'],
      ['key3', 'string'],
    ])
    expect(request.headers).toEqual(['content-type', 'application/x-www-form-urlencoded'])
  })

  test("sends the document's example as JSON", () => {
    const body = `{"key1": "\${source}", "key2": "\${pin}", "key3": "string"}`
    const request = render(VCC, { url: 'https://example.com', contentType: 'json', body }, data)
    expect(JSON.parse(request.body ?? '')).toEqual({ key1: '36 20&1', key2: 'a"b', key3: 'string' })
    expect(request.headers).toEqual(['content-type', 'application/json'])
  })

  test('is answered with variables, by 200 alone', () => {
    const { answer, success, trigger } = describeWebhook(VCC, { url: 'https://example.com', setVariable: 'balance' })
    expect(answer).toEqual({ kind: 'variables', setVariable: 'balance' })
    expect([success, trigger]).toEqual([[200], { on: [], unbound: false }])
  })

  test('is sent when the call ends with sendOnHangup, and takes any answer', () => {
    const { answer, success, trigger } = describeWebhook(VCC, { url: 'https://example.com', sendOnHangup: true })
    expect([answer, success]).toEqual([{ kind: 'ignored' }, 'any'])
    expect(trigger).toEqual({ on: ['call.end'], unbound: true })
  })

  const VARIABLE = 'a variable (a-z, 0-9 and _, a letter or _ first)'
  test.each([
    [{ method: 'GET', body: 'a=1' }, 'body: GET is sent without a body: use POST or PUT'],
    [{ method: 'DELETE', body: 'a=1' }, 'body: DELETE is sent without a body: use POST or PUT'],
    [{ method: 'PATCH' }, 'method: POST, GET, DELETE or PUT is expected, not "PATCH"'],
    [{ contentType: 'xml' }, 'contentType: form or json is expected, not "xml"'],
    [{ setVariable: 'Pin' }, `setVariable: ${VARIABLE} is expected, not "Pin"`],
    [{ setVariable: '1pin' }, `setVariable: ${VARIABLE} is expected, not "1pin"`],
    [{ setVariable: 'uuid' }, "setVariable: uuid is a system variable and can't be set: choose another name"],
    [{ successCodes: [201] }, 'successCodes.0: 200 is expected, not 201'],
    [{ sendOnHangup: 'yes' }, 'sendOnHangup: true or false is expected, not "yes"'],
  ])('refuses %j', (settings, message) => {
    expect(mistakesIn(VCC, { url: 'https://example.com', ...settings })).toEqual([message])
  })
})

describe('a Wix Answers webhook', () => {
  const data = {
    callId: 'f304229f-dc2c-4c84-bc65-90c92a980dd7',
    from: { countryCode: '111', number: '444444444' },
    user: { id: '123abc45', phoneNumbers: [{ countryCode: '111', number: '544444444' }], banned: false },
    input: '1234',
  }

  test("sends the document's four members and nothing else", () => {
    const request = render('wix-answers-ivr', { url: 'https://x.example.com/' }, { ...data, other: 1 })
    expect(JSON.parse(request.body ?? '')).toEqual(data)
    expect(request.headers).toEqual(['content-type', 'application/json'])
  })

  test('leaves out members that the call lacks', () => {
    const request = render('wix-answers-ivr', { url: 'https://x.example.com/' }, { callId: 'c', input: '0' })
    expect(request.body).toBe('{"callId":"c","input":"0"}')
  })

  test('expects a GUID, or nothing', () => {
    const { answer, success } = describeWebhook('wix-answers-ivr', { url: 'https://x.example.com/' })
    expect([answer, success]).toEqual([{ kind: 'redirect' }, [200, 204]])
  })
})
