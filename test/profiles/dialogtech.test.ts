import { describe, expect, test } from 'vitest'
import { CAKE, IVR_PARAMETERS, IVR_SOURCETRAK, LEADFLOW, POST_CALL_SOURCETRAK } from '../../src/catalog/groups.ts'
import { describeWebhook, mistakesIn, render } from './describe.ts'

const IVR = 'dialogtech-ivr'
const POST_CALL = 'dialogtech-post-call'
const URL_TEXT = 'https://www.example.com/listener.php?auth=abc123'

const namesIn = (query: string): readonly string[] => [...new URLSearchParams(query).keys()]

describe('an IVR webhook', () => {
  test("sends the document's example: static parameter, question, then the data points of the call", () => {
    const request = render(
      IVR,
      { url: URL_TEXT, method: 'GET', params: { qos: 'responses.1' } },
      { responses: { '1': '5' } },
    )
    expect(request.path.startsWith('/listener.php?auth=abc123&qos=5&ivr_number_called=')).toBe(true)
    expect(request.body).toBeNull()
    expect(namesIn(request.path.split('?')[1] ?? '')).toEqual(['auth', 'qos', ...IVR_PARAMETERS])
  })

  test('posts by default, and then carries everything but static parameters in a form', () => {
    const request = render(IVR, { url: URL_TEXT, params: { qos: 'responses.1' } }, { responses: { '1': '5' } })
    expect([request.method, request.path]).toEqual(['POST', '/listener.php?auth=abc123'])
    expect(namesIn(request.body ?? '')).toEqual(['qos', ...IVR_PARAMETERS])
    expect(request.headers.slice(0, 2)).toEqual(['content-type', 'application/x-www-form-urlencoded'])
  })

  test('sends all of SourceTrak after the twelve when it is included, also for calls that have none of it', () => {
    const request = render(IVR, { url: URL_TEXT, include: ['sourcetrak'] }, {})
    expect(namesIn(request.body ?? '')).toEqual([...IVR_PARAMETERS, ...IVR_SOURCETRAK])
    expect(IVR_SOURCETRAK).toContain('st_referrer')
  })

  test('reads the answer as a message unless the next action is asked for', () => {
    expect(describeWebhook(IVR, { url: URL_TEXT }).answer).toEqual({ kind: 'message' })
    expect(describeWebhook(IVR, { url: URL_TEXT, answer: 'next-action' }).answer).toEqual({ kind: 'next-action' })
  })

  test('is triggered by no event', () => {
    expect(describeWebhook(IVR, { url: URL_TEXT }).trigger).toEqual({ on: [], unbound: false })
  })

  test.each([
    [{ include: ['leadflow'] }, 'include.0: sourcetrak is expected, not "leadflow"'],
    [{ method: 'PUT' }, 'method: POST or GET is expected, not "PUT"'],
    [{ answer: 'variables' }, 'answer: message or next-action is expected, not "variables"'],
  ])('refuses %j', (settings, message) => {
    expect(mistakesIn(IVR, { url: URL_TEXT, ...settings })).toEqual([message])
  })
})

describe('a transcription postback', () => {
  test("is a GET with the document's six parameters behind the static ones", () => {
    const data = {
      survo_id: '12345',
      unique_id: '9',
      question: 1,
      duration: 12,
      date: '2019-03-27',
      text: 'très bien & more',
    }
    const request = render('dialogtech-transcription', { url: 'https://x.example.com/t?k=1' }, data)
    expect(request.method).toBe('GET')
    expect(request.path).toBe(
      '/t?k=1&survo_id=12345&unique_id=9&question=1&duration=12&date=2019-03-27&text=tr%C3%A8s%20bien%20%26%20more',
    )
  })

  test('is triggered by completed transcriptions, unless a binding says for which IVR', () => {
    const { trigger, answer } = describeWebhook('dialogtech-transcription', { url: URL_TEXT })
    expect(trigger).toEqual({ on: ['transcription.completed'], unbound: true })
    expect(answer).toEqual({ kind: 'status' })
  })
})

describe('a post-call action', () => {
  const all = ['cake', 'sourcetrak', 'leadflow']

  test("sends whole groups in the document's order, in whatever order they are configured", () => {
    const request = render(POST_CALL, { url: URL_TEXT, params: { who: 'caller_id' }, include: all }, { st_rank: 1 })
    expect(namesIn(request.body ?? '')).toEqual(['who', ...POST_CALL_SOURCETRAK, ...LEADFLOW, ...CAKE])
    expect(POST_CALL_SOURCETRAK).toContain('st_referer')
  })

  test('leaves SourceTrak out for calls that have none of its data points', () => {
    const request = render(POST_CALL, { url: URL_TEXT, include: all }, { caller_id: '2223334444' })
    expect(namesIn(request.body ?? '')).toEqual([...LEADFLOW, ...CAKE])
  })

  test('keeps parameters in the order written, names like 10 too', () => {
    const params = new Map([
      ['b', 'sid'],
      ['10', 'caller_id'],
      ['2', 'called_number'],
    ])
    const request = render(
      POST_CALL,
      { url: 'https://x.example.com/', method: 'GET', params },
      { sid: 's', caller_id: 'c' },
    )
    expect(request.path).toBe('/?b=s&10=c&2=')
  })

  test.each([
    ['all-calls', true],
    ['configured-numbers', false],
  ])('with scope %s is triggered by calls that no binding matches: %s', (scope, unbound) => {
    expect(describeWebhook(POST_CALL, { url: URL_TEXT, scope }).trigger).toEqual({ on: ['call.end'], unbound })
  })

  test.each([
    [{ include: ['cake'] }, 'include.0: cake needs leadflow: include both'],
    [{ eventName: 'x' }, 'eventName: goes with option: google-analytics only'],
    [{ apiSecret: 'x' }, 'apiSecret: goes with option: google-analytics only'],
    [{ scope: 'all' }, 'scope: all-calls or configured-numbers is expected, not "all"'],
  ])('refuses %j', (settings, message) => {
    expect(mistakesIn(POST_CALL, { url: URL_TEXT, ...settings })).toEqual([message])
  })
})

describe('a post-call action for Google Analytics', () => {
  const settings = {
    url: 'https://www.google-analytics.com/mp/collect',
    option: 'google-analytics',
    measurementId: 'G-1A2B3C',
    apiSecret: 's&cret',
  }

  test('sends one event by the Measurement Protocol, id and secret in the query', () => {
    const params = { seconds: 'talk_seconds', campaign: 'st_campaign', rate: { value: '100%ani%' } }
    const data = { st_google_ua_client_id: '1045219283.1553731200', talk_seconds: 29, st_campaign: 'Spring "offer"' }
    const request = render(POST_CALL, { ...settings, params }, data)
    expect(request.path).toBe('/mp/collect?measurement_id=G-1A2B3C&api_secret=s%26cret')
    expect(JSON.parse(request.body ?? '')).toEqual({
      client_id: '1045219283.1553731200',
      events: [{ name: 'phone_call', params: { seconds: 29, campaign: 'Spring "offer"', rate: '100%ani%' } }],
    })
    expect(request.headers).toEqual(['content-type', 'application/json'])
  })

  test('names the event as configured, up to 40 characters', () => {
    const eventName = `a${'b'.repeat(39)}`
    const request = render(POST_CALL, { ...settings, eventName }, {})
    expect(JSON.parse(request.body ?? '')).toMatchObject({ events: [{ name: eventName }] })
    expect(mistakesIn(POST_CALL, { ...settings, eventName: `${eventName}c` })).toHaveLength(1)
  })

  test('takes 25 parameters and refuses 26', () => {
    const params = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, 'ani']))
    expect(mistakesIn(POST_CALL, { ...settings, params: params(25) })).toEqual([])
    expect(mistakesIn(POST_CALL, { ...settings, params: params(26) })).toEqual([
      'params: at most 25 parameters an event, not 26',
    ])
  })

  test('refuses what it can not send, all at once', () => {
    const wrong = {
      url: settings.url,
      option: settings.option,
      method: 'GET',
      include: ['leadflow'],
      params: { 'a b': 'ani' },
    }
    expect(mistakesIn(POST_CALL, wrong)).toEqual([
      'method: option: google-analytics is sent by POST: leave method out',
      'include: option: google-analytics sends only params: leave include out',
      'measurementId: is missing: option: google-analytics needs the id of the data stream (G-...)',
      'apiSecret: is missing: option: google-analytics needs a Measurement Protocol API secret',
      "params.a b: is no name of an event's parameter: a letter, then letters, digits and _, at most 40",
    ])
  })
})
