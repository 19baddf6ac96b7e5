/** The examples of the platforms' documents, byte by byte. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${tokens} are what is tested
import { describe, expect, test } from 'vitest'
import { points, rendered, template, text } from './rendering.ts'

describe('the example of the DialogTech IVR webhook', () => {
  test('adds a call generated parameter to the static ones of the target URL', () => {
    const request = rendered(
      {
        method: 'GET',
        url: text('https://www.example.com/listener.php?auth=abc123', 'none'),
        query: [{ params: points({ qos: 'responses.1' }) }],
      },
      { responses: { 1: '5' } },
    )
    expect(request).toEqual({
      kind: 'request',
      method: 'GET',
      path: '/listener.php?auth=abc123&qos=5',
      headers: [],
      body: null,
    })
  })
})

describe('the examples of the VCC Live IVR webhook', () => {
  const data = { variable1: 'one', variable2: 'two & three' }

  test('GET fills variables into the URL', () => {
    const url = text('https://example.com?key1=${variable1}&key2=${variable2}&key3=string', 'dollar')
    expect(rendered({ method: 'GET', url }, data).path).toBe('/?key1=one&key2=two%20%26%20three&key3=string')
  })

  test('content type form fills them into the body', () => {
    const format = 'key1=${variable1}&key2=${variable2}&key3=string'
    const request = rendered({ body: template('form', format, { syntax: 'dollar' }) }, data)
    expect(request.body).toBe('key1=one&key2=two+%26+three&key3=string')
    expect(request.headers).toEqual(['content-type', 'application/x-www-form-urlencoded'])
  })

  test('content type JSON keeps the layout as it was pasted', () => {
    const format = '{\n   "key1": "${variable1}",\n   "key2": "${variable2}",\n   "key3": "string"\n}'
    const request = rendered({ body: template('json', format, { syntax: 'dollar' }) }, data)
    expect(request.body).toBe('{\n   "key1": "one",\n   "key2": "two & three",\n   "key3": "string"\n}')
    expect(request.headers).toEqual(['content-type', 'application/json'])
  })
})

describe('the example of the AutoID webhook', () => {
  const data = { ani_first_name: 'Freddy', ani_last_name: 'Krueger', ani: '7776734736' }

  test('puts the chosen data points into first, last and phone', () => {
    const fields = { first: 'ani_first_name', last: 'ani_last_name', phone: 'ani' }
    const format = '{"first": "", "last": "", "phone": ""}'
    expect(rendered({ body: template('json', format, { fields }) }, data).body).toBe(
      '{"first": "Freddy", "last": "Krueger", "phone": "7776734736"}',
    )
  })

  test('puts them into XML just so', () => {
    const fields = { 'lead.first': 'ani_first_name', 'lead.last': 'ani_last_name', 'lead.@phone': 'ani' }
    const format = '<?xml version="1.0"?>\n<lead phone="x">\n  <first>Jane</first>\n  <last/>\n</lead>\n'
    const request = rendered({ body: template('xml', format, { fields }) }, data)
    expect(request.body).toBe(
      '<?xml version="1.0"?>\n<lead phone="7776734736">\n  <first>Freddy</first>\n  <last>Krueger</last>\n</lead>\n',
    )
    expect(request.headers).toEqual(['content-type', 'application/xml'])
  })

  test('sends nested data points nested: tags and prompt responses', () => {
    const nested = { tags: { Region: 'south' }, prompt_responses: [{ question: 'one', response: '1' }] }
    expect(rendered({ body: template('json', '{"t": "%tags%", "p": %prompt_responses%}') }, nested).body).toBe(
      '{"t": {"Region":"south"}, "p": [{"question":"one","response":"1"}]}',
    )
    expect(rendered({ body: template('xml', '<l><t>%tags%</t><p>%prompt_responses%</p></l>') }, nested).body).toBe(
      '<l><t><Region>south</Region></t><p><item><question>one</question><response>1</response></item></p></l>',
    )
  })
})

test('a Wix Answers body has the members that the call has, as JSON values', () => {
  const members = ['callId', 'from', 'user', 'input'].map((name) => ({ name, path: name }))
  const data = { input: '1234', from: { countryCode: '111', number: '444444444' }, callId: 'f304229f' }
  const request = rendered({ body: { kind: 'json-object', members } }, data)
  expect(request.body).toBe('{"callId":"f304229f","from":{"countryCode":"111","number":"444444444"},"input":"1234"}')
  expect(request.headers).toEqual(['content-type', 'application/json'])
  expect(rendered({ body: { kind: 'json-object', members } }, { input: null }).body).toBe('{"input":null}')
  expect(rendered({ body: { kind: 'json-object', members } }).body).toBe('{}')
})
