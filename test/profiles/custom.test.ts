import { describe, expect, test } from 'vitest'
import { describeWebhook, mistakesIn, render } from './describe.ts'

const url = 'https://x.example.com/hook'
const data = { callid: 'c-1', ani: '777', pin: 'a&b' }

describe('a custom webhook', () => {
  test.each([
    ['GET', '/hook?call=c-1', null],
    ['DELETE', '/hook?call=c-1', null],
    ['POST', '/hook', 'call=c-1'],
    ['PUT', '/hook', 'call=c-1'],
    ['PATCH', '/hook', 'call=c-1'],
  ])('by %s sends parameters to %s with body %j', (method, path, body) => {
    const request = render('custom', { url, method, params: { call: 'callid' } }, data)
    expect([request.path, request.body]).toEqual([path, body])
  })

  test('sends parameters in the query beside a body', () => {
    const request = render('custom', { url, params: { call: 'callid' }, body: '{"ani": "%ani%"}' }, data)
    expect([request.path, request.body]).toEqual(['/hook?call=c-1', '{"ani": "777"}'])
  })

  test.each([
    ['percent', 'https://x.example.com/%callid%', '{"n": %ani%}', '%callid%'],
    ['dollar', `https://x.example.com/\${callid}`, `{"n": \${ani}}`, `\${callid}`],
  ])('fills %s tokens in URL, body and headers', (tokens, tokenUrl, body, value) => {
    const request = render('custom', { url: tokenUrl, tokens, body, headers: { 'X-Call': value } }, data)
    expect([request.path, request.body]).toEqual(['/c-1', '{"n": "777"}'])
    expect(request.headers).toEqual(['content-type', 'application/json', 'x-call', 'c-1'])
  })

  test.each([
    ['{"a": "%ani%"}', {}, 'application/json'],
    ['  [%ani%]', {}, 'application/json'],
    ['<a>%ani%</a>', {}, 'application/xml'],
    ['a=%ani%', {}, 'application/x-www-form-urlencoded'],
    ['a=%ani%', { contentType: 'text' }, 'text/plain; charset=utf-8'],
    [
      '{"a": "%ani%"}',
      { headers: { 'content-type': 'application/ld+json; charset=utf-8' } },
      'application/ld+json; charset=utf-8',
    ],
    ['{%ani%}', { headers: { 'content-type': 'text/csv' } }, 'text/csv'],
  ])('sends %j with %j as %s', (body, settings, type) => {
    expect(render('custom', { url, body, ...settings }, data).headers).toEqual(['content-type', type])
  })

  test.each([
    ['application/json', 'json'],
    ['text/xml', 'xml'],
    ['application/x-www-form-urlencoded', 'form'],
    ['text/csv', 'text'],
  ])('encodes values for a content-type header of %s as %s', (contentType, type) => {
    const { request } = describeWebhook('custom', { url, body: 'x', headers: { 'Content-Type': contentType } })
    expect(request.body).toMatchObject({ kind: 'template', type })
  })

  test('looks for no tokens in a secret', () => {
    const { headers } = describeWebhook('custom', { url, headers: { 'X-Key': { env: 'a%ani%' } } }).request
    expect(headers).toEqual([{ name: 'x-key', value: { text: 'a%ani%', syntax: 'none' }, isSecret: true }])
  })

  test('fills a template in the syntax that it is told', () => {
    expect(render('custom', { url, template: 'variables', tokens: 'dollar' }, data).body).toBe('{"pin": "a&b"}')
  })

  test('sends nothing but the URL when nothing is configured', () => {
    const request = render('custom', { url }, data)
    expect([request.method, request.path, request.headers, request.body]).toEqual(['POST', '/hook', [], null])
  })

  test.each([
    ['message', [200, 201, 202, 203, 204]],
    ['next-action', [200, 201, 202, 203, 204]],
    ['variables', [200]],
    ['redirect', [200, 204]],
    ['status', [200, 201, 202, 203, 204]],
  ])('can ask for the answer %s and then takes %j for success', (answer, success) => {
    const description = describeWebhook('custom', { url, answer })
    expect([description.answer, description.success]).toEqual([{ kind: answer }, success])
  })

  test('is triggered by all events that it names, each once', () => {
    const on = ['call.begin', 'call.end', 'call.begin']
    expect(describeWebhook('custom', { url, on }).trigger).toEqual({ on: ['call.begin', 'call.end'], unbound: true })
  })

  test.each([
    [{ method: 'GET', body: 'a' }, 'body: GET is sent without a body: use POST or PUT'],
    [{ method: 'DELETE', template: 'lead' }, 'template: DELETE is sent without a body: use POST or PUT'],
    [{ body: 'a', template: 'lead' }, 'body: either body or template is expected, not both'],
    [{ template: 'led' }, 'template: there is no template led'],
    [{ contentType: 'json' }, 'contentType: goes with body only: it says what the text in body is'],
    [{ setVariable: 'a' }, 'setVariable: goes with answer: variables only'],
    [{ tokens: 'dolar' }, 'tokens: percent or dollar is expected, not "dolar"; did you mean dollar?'],
    [{ on: 'call.end' }, 'on: a list of event types is expected, not "call.end"'],
    [{ body: '' }, 'body: a text of 1 to 65536 characters is expected, not ""'],
  ])('refuses %j', (settings, message) => {
    expect(mistakesIn('custom', { url, ...settings })).toEqual([message])
  })

  test.each([
    [65_536, 0],
    [65_537, 1],
  ])('takes a body of %i characters with %i mistakes', (length, count) => {
    expect(mistakesIn('custom', { url, body: 'x'.repeat(length) })).toHaveLength(count)
  })
})
