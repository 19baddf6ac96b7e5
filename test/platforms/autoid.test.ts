/**
 * AutoID's webhook: what is sent (autoid-webhook, from "Add Webhook" to "Body Definitions"): templates of JSON and XML, the
 * 77 tokens, headers and methods, as the endpoint sees them.
 */
import { describe, expect, test } from 'vitest'
import { AUTOID_TOKENS } from './autoid-tokens.ts'
import { type Data, QUICK_RETRY, requestTo, send, startPlatform, startReceiver } from './platform-world.ts'

const CAMPAIGN = { campaign_name: 'Sales Campaign' }

/** A webhook with one template, bound to the end of calls of a campaign. */
function configOf(origin: string, template: Data, webhook: Data = {}): Record<string, unknown> {
  return {
    templates: [{ id: 'lead', ...template }],
    webhooks: [
      { id: 'crm', profile: 'autoid', url: `${origin}/path?key=k1`, template: 'lead', retry: QUICK_RETRY, ...webhook },
    ],
    bindings: [{ campaign: 'Sales Campaign', end: ['crm'] }],
  }
}

/** What the endpoint sees of a call with `data`. */
async function sentFor(data: Data, template: Data, webhook: Data = {}) {
  const receiver = await startReceiver()
  const world = await startPlatform(configOf(receiver.origin, template, webhook))
  expect(await send(world, 'call.end', { ...CAMPAIGN, ...data })).toBe(1)
  return await requestTo(receiver)
}

const jsonOf = async (data: Data, format: string, fields: Data = {}): Promise<unknown> =>
  JSON.parse((await sentFor(data, { type: 'json', format, fields })).body)

const xmlOf = async (data: Data, format: string, fields: Data = {}): Promise<string> =>
  (await sentFor(data, { type: 'xml', format, fields })).body

const refusalOf = async (template: Data, webhook: Data = {}): Promise<unknown> =>
  await startPlatform(configOf('http://127.0.0.1:9', template, webhook)).catch((error: unknown) => error)

describe('Once you provide your template example, the fields are correlated with AutoID data points', () => {
  const FIELDS = { first: 'ani_first_name', last: 'ani_last_name', phone: 'ani' }

  test('the example: First Name for "first", Last Name for "last", and ANI for "phone"', async () => {
    const data = { ani_first_name: 'Freddy', ani_last_name: 'Krueger', ani: '7776734736' }
    const sent = await jsonOf(data, '{\n  "first": "",\n  "last": "",\n  "phone": ""\n}', FIELDS)
    expect(sent).toEqual({ first: 'Freddy', last: 'Krueger', phone: '7776734736' })
  })

  test('the example of the format: Firstname, Lastname, email', async () => {
    const format = '{"Firstname": "John", "Lastname": "Doe", "email": "john@example.com"}'
    const sent = await jsonOf({ ani_first_name: 'Freddy' }, format, { Firstname: 'ani_first_name' })
    expect(sent).toEqual({ Firstname: 'Freddy', Lastname: 'Doe', email: 'john@example.com' })
  })

  test('the same in XML', async () => {
    const data = { ani_first_name: 'Freddy', ani_last_name: 'Krueger', ani: '7776734736' }
    const format = '<lead id=""><first/><last></last><phone>0</phone></lead>'
    const fields = {
      'lead.first': 'ani_first_name',
      'lead.last': 'ani_last_name',
      'lead.phone': 'ani',
      'lead.@id': 'ani',
    }
    expect(await xmlOf(data, format, fields)).toBe(
      '<lead id="7776734736"><first>Freddy</first><last>Krueger</last><phone>7776734736</phone></lead>',
    )
  })

  test('fields of nested objects and arrays are found by their path', async () => {
    const format = '{"contact": {"phones": ["", ""]}, "n": 0}'
    const fields = { 'contact.phones.1': 'ani', n: 'answered_time' }
    const sent = await jsonOf({ ani: '7776734736', answered_time: 29 }, format, fields)
    expect(sent).toMatchObject({ contact: { phones: ['', '7776734736'] } })
  })

  test.each([
    ['quotes', '"x"\\'],
    ['line breaks', 'a\nb\tc'],
    ['markup', '<a>&amp;]]></a>'],
    ['other languages', 'Ünal 😀'],
    ['a token', '%ani%'],
  ])('a value with %s stays the value of its field', async (_, value) => {
    const data = { ani_first_name: value, ani: '7776734736' }
    expect(await jsonOf(data, '{"first": "", "phone": ""}', { first: 'ani_first_name', phone: 'ani' })).toEqual({
      first: value,
      phone: '7776734736',
    })
  })

  test('a value never adds an element to XML', async () => {
    const data = { ani_first_name: '</first><evil a="1">&x;' }
    expect(await xmlOf(data, '<lead a="%ani_first_name%"><first>%ani_first_name%</first></lead>')).toMatch(
      /^<lead a="&lt;\/first(&gt;|>)&lt;evil a=&quot;1&quot;(&gt;|>)&amp;x;"><first>&lt;\/first(&gt;|>)&lt;evil a=("|&quot;)1("|&quot;)(&gt;|>)&amp;x;<\/first><\/lead>$/,
    )
  })
})

/** An XML text of the document's examples needs escapes for nothing but these. */
const inXml = (value: unknown): string => String(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;')

const XML_VALUES: Readonly<Record<string, string>> = {
  tags: '<Region>south</Region>',
  prompt_responses:
    '<item><question>one</question><question_link>http://app.example.com/prompts-qa/audio/-1/94f17d142e0e861bfa34.wav' +
    '</question_link><response>1</response></item>',
}

describe('Body Definitions', () => {
  const DATA = Object.fromEntries(AUTOID_TOKENS.map(([name, , value]) => [name, value]))

  test('there are 77 tokens: 27 of call_begin, 11 of call_end, 29 of dni, 10 of location_info', () => {
    const counts = new Map<string, number>()
    for (const [, category] of AUTOID_TOKENS) counts.set(category, (counts.get(category) ?? 0) + 1)
    expect(Object.fromEntries(counts)).toEqual({ call_begin: 27, call_end: 11, dni: 29, location_info: 10 })
  })

  test('a JSON template with all of them carries all examples', async () => {
    const format = JSON.stringify(Object.fromEntries(AUTOID_TOKENS.map(([name]) => [name, `%${name}%`])))
    const isNested = (value: unknown) => typeof value === 'object'
    expect(await jsonOf(DATA, format)).toEqual(
      Object.fromEntries(AUTOID_TOKENS.map(([name, , value]) => [name, isNested(value) ? value : String(value)])),
    )
  })

  test('an XML template with all of them carries all examples', async () => {
    const format = `<call>${AUTOID_TOKENS.map(([name]) => `<${name}>%${name}%</${name}>`).join('\n')}</call>`
    const expected = AUTOID_TOKENS.map(([name, , value]) => `<${name}>${XML_VALUES[name] ?? inXml(value)}</${name}>`)
    expect(await xmlOf(DATA, format)).toBe(`<call>${expected.join('\n')}</call>`)
  })

  test.each(AUTOID_TOKENS)('%%%s%% (%s)', async (name, _, value) => {
    const format = `{"value": "%${name}%", "text": "is: %${name}%", "bare": %${name}%, "none": "%session_id%"}`
    const shown = typeof value === 'object' ? JSON.stringify(value) : String(value)
    expect(await jsonOf({ [name]: value }, format)).toEqual({
      value: typeof value === 'object' ? value : shown,
      text: `is: ${shown}`,
      bare: value,
      none: name === 'session_id' ? shown : '',
    })
  })

  test.each([true, '1', 1, 'true'])('%%repeat_caller%% and %%ani_is_valid%% are 1 or 0: %j is 1', async (value) => {
    const format = '{"a": "%repeat_caller%", "b": %ani_is_valid%}'
    expect(await jsonOf({ repeat_caller: value, ani_is_valid: value }, format)).toEqual({ a: '1', b: 1 })
  })

  test.each([false, '0', 0, 'false'])('%%repeat_caller%% and %%ani_is_valid%% are 1 or 0: %j is 0', async (value) => {
    const format = '{"a": %repeat_caller%, "b": "%ani_is_valid%"}'
    expect(await jsonOf({ repeat_caller: value, ani_is_valid: value }, format)).toEqual({ a: 0, b: '0' })
  })

  test('call start and end time are GMT where the switch carries started_at and ended_at', async () => {
    const data = { started_at: '2019-03-27T20:05:00-04:00', ended_at: '2019-03-28T00:05:30Z' }
    expect(await jsonOf(data, '{"from": "%call_start_time%", "to": "%call_end_time%"}')).toEqual({
      from: '2019-03-28T00:05:00.000Z',
      to: '2019-03-28T00:05:30.000Z',
    })
  })

  test('question, its link and the response are those of the last prompt where only the nested object is carried', async () => {
    const last = { question: 'two', question_link: 'http://x.example.com/2.wav', response: '3' }
    const data = { prompt_responses: [{ question: 'one', response: '1' }, last] }
    const format = '{"question": "%question%", "question_link": "%question_link%", "response": "%response%"}'
    expect(await jsonOf(data, format)).toEqual(last)
  })

  test('what a call does not have is empty in a string, null where it stands bare, empty in XML', async () => {
    expect(await jsonOf({}, '{"vin": "%vehicle_vin%", "rings": %ring_count%}')).toEqual({ vin: '', rings: null })
    expect(await xmlOf({}, '<a b="%vehicle_vin%">%ring_count%</a>')).toBe('<a b=""></a>')
  })
})

describe('Template Type and Template Format', () => {
  test.each([
    ['json', '{"first": "%ani%"', 'templates.0.format'],
    ['json', '{first: "%ani%"}', 'templates.0.format'],
    ['xml', '<lead><first>%ani%</lead>', 'templates.0.format'],
    ['xml', '<!DOCTYPE lead><lead/>', 'templates.0.format'],
    ['json', '{"first": "%ani_frist_name%"}', 'ani_frist_name'],
    ['json', '{"%ani%": 1}', 'templates.0.format'],
    ['xml', '<%ani%/>', 'templates.0.format'],
    ['yaml', 'first: %ani%', 'templates.0.type: json or xml is expected'],
  ])('the format must be correct, or there is an error: %s %s', async (type, format, message) => {
    expect(String(await refusalOf({ type, format }))).toContain(message)
  })

  test('a field that the format does not have is an error', async () => {
    const refused = await refusalOf({ type: 'json', format: '{"first": ""}', fields: { frist: 'ani' } })
    expect(String(refused)).toContain('templates.0.fields.frist')
  })

  test('a webhook without a template is an error', async () => {
    expect(String(await refusalOf({ type: 'json', format: '{}' }, { template: 'other' }))).toContain(
      'webhooks.0.template: there is no template other',
    )
  })
})

describe('Template Group: who else can use it', () => {
  const startFor = (account: string) =>
    startPlatform({
      accounts: [{ id: 'acme', groups: ['dealers'] }],
      templates: [{ id: 'lead', group: 'dealers', type: 'json', format: '{}' }],
      webhooks: [{ id: 'crm', account, profile: 'autoid', url: 'http://127.0.0.1:9/', template: 'lead' }],
    })

  test('an account of the group can', async () => {
    await expect(startFor('acme')).resolves.toBeDefined()
  })

  test('any other can not', async () => {
    await expect(startFor('other')).rejects.toThrow(
      'webhooks.0.template: template lead is for accounts of group dealers',
    )
  })

  test('a template can be used by several webhooks', async () => {
    const receiver = await startReceiver()
    const world = await startPlatform({
      templates: [{ id: 'lead', type: 'json', format: '{"phone": "%ani%"}' }],
      webhooks: ['crm', 'sms'].map((id) => ({ id, profile: 'autoid', url: receiver.origin, template: 'lead' })),
      bindings: [{ campaign: 'Sales Campaign', end: ['crm', 'sms'] }],
    })
    expect(await send(world, 'call.end', { ...CAMPAIGN, ani: '1' })).toBe(2)
    await requestTo(receiver, 2)
    expect(receiver.received.map(({ body }) => body)).toEqual(['{"phone": "1"}', '{"phone": "1"}'])
  })
})

describe('HTTP Header and HTTP Method', () => {
  const JSON_TEMPLATE = { type: 'json', format: '{}' }
  const XML_TEMPLATE = { type: 'xml', format: '<lead/>' }

  test.each([
    ['application/json', JSON_TEMPLATE],
    ['application/xml', XML_TEMPLATE],
  ])('Header Type: %s by the type of the template', async (type, template) => {
    const request = await sentFor({}, template)
    expect(request.headers['content-type']).toBe(type)
    expect(request.headers['content-length']).toBe(String(Buffer.byteLength(request.body)))
  })

  test('more than one header can be added, each with its value as it was entered', async () => {
    const headers = [
      { name: 'X-Source', value: 'phone' },
      { name: 'Authorization', value: 'Bearer a.b-c' },
      { name: 'X-Share', value: '100% %phone' },
    ]
    expect((await sentFor({ ani: '1' }, JSON_TEMPLATE, { headers })).headers).toMatchObject({
      'x-source': 'phone',
      authorization: 'Bearer a.b-c',
      'x-share': '100% %phone',
      'content-type': 'application/json',
    })
  })

  test.each([
    ['application/xml', JSON_TEMPLATE],
    ['application/json', XML_TEMPLATE],
  ])('a Content-Type header with the value %s replaces the default', async (value, template) => {
    const request = await sentFor({}, template, { headers: [{ name: 'Content-Type', value }] })
    expect(request.headers['content-type']).toBe(value)
  })

  test.each(['POST', 'PUT'])('%s', async (method) => {
    expect(await sentFor({}, JSON_TEMPLATE, { method })).toMatchObject({ method, url: '/path?key=k1', body: '{}' })
  })

  test('POST is the default, and there is no other choice', async () => {
    expect((await sentFor({}, JSON_TEMPLATE)).method).toBe('POST')
    for (const method of ['GET', 'PATCH', 'DELETE']) {
      expect(String(await refusalOf(JSON_TEMPLATE, { method }))).toContain('webhooks.0.method: POST or PUT is expected')
    }
  })
})
