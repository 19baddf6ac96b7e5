import { describe, expect, test } from 'vitest'
import { DERIVED } from '../../src/catalog/derived.ts'
import { readPoint } from '../../src/catalog/read-point.ts'
import { type DataPoints, type DataValue, NO_DATA } from '../../src/model/data.ts'

function read(name: string, data: DataPoints, context: DataPoints = NO_DATA): DataValue | undefined {
  return readPoint(name)({ data, context })
}

describe('what is derived, from numbers and from the text of a form', () => {
  test.each<[string, DataPoints, DataValue]>([
    ['talk_minutes', { talk_seconds: 60 }, '1.0'],
    ['talk_minutes', { talk_seconds: 61 }, '1.1'],
    ['talk_minutes', { talk_seconds: '66' }, '1.1'],
    ['talk_minutes', { talk_seconds: '67' }, '1.2'],
    ['talk_minutes', { talk_seconds: 0 }, '0.0'],
    ['rounded_talk_minutes', { talk_seconds: 60 }, 1],
    ['rounded_talk_minutes', { talk_seconds: '61' }, 2],
    ['rounded_talk_minutes', { talk_seconds: 0 }, 0],
    ['intelligent_minutes', { intelligent_seconds: 6 }, '0.1'],
    ['intelligent_minutes', { intelligent_seconds: '7' }, '0.2'],
    ['rounded_intelligent_minutes', { intelligent_seconds: '120' }, 2],
    ['rounded_intelligent_minutes', { intelligent_seconds: 121 }, 3],
    ['enhanced_minutes', { enhanced_seconds: 600 }, '10.0'],
    ['enhanced_minutes', { enhanced_seconds: '601' }, '10.1'],
    ['rounded_enhanced_minutes', { enhanced_seconds: 600 }, 10],
    ['rounded_enhanced_minutes', { enhanced_seconds: '600.5' }, 11],
    ['total_seconds', { talk_seconds: 61, intelligent_seconds: 35 }, 96],
    ['total_seconds', { talk_seconds: '61', intelligent_seconds: '35' }, 96],
    ['total_seconds', { talk_seconds: 0.1, intelligent_seconds: 0.2 }, 0.3],
    ['total_minutes', { talk_seconds: 61, intelligent_seconds: 35 }, '1.6'],
    ['total_minutes', { talk_seconds: '61', intelligent_seconds: '36' }, '1.7'],
    ['total_minutes', { talk_seconds: 65.9, intelligent_seconds: 0.1 }, '1.1'],
    ['total_minutes', { total_seconds: '120' }, '2.0'],
    ['total_minutes', { total_seconds: 121, talk_seconds: 1, intelligent_seconds: 1 }, '2.1'],
    ['call_duration', { talk_seconds: 61, intelligent_seconds: 59 }, 2],
    ['call_duration', { talk_seconds: '61', intelligent_seconds: '60' }, 3],
    ['call_duration', { total_seconds: 180 }, 3],
    ['date_time', { started_at: '2019-03-28T00:05:00Z' }, '2019-03-27 20:05:00'],
    ['date_time', { started_at: '2019-01-28T00:05:00.25+01:00' }, '2019-01-27 18:05:00'],
    ['date_time', { started_at: '2024-03-10T06:59:59Z' }, '2024-03-10 01:59:59'],
    ['date_time', { started_at: '2024-03-10T07:00:00Z' }, '2024-03-10 03:00:00'],
    ['call_date', { started_at: '2024-11-03T05:59:59Z' }, '2024-11-03 01:59:59'],
    ['call_date', { started_at: '2024-11-03T06:00:00Z' }, '2024-11-03 01:00:00'],
    ['call_start_time', { started_at: '2019-03-27T20:05:00-04:00' }, '2019-03-28T00:05:00.000Z'],
    ['call_start_time', { started_at: '2019-03-28T00:05:00.1239Z' }, '2019-03-28T00:05:00.123Z'],
    ['call_end_time', { ended_at: '2019-03-28T00:05:30Z' }, '2019-03-28T00:05:30.000Z'],
    ['source_number', { called_number: '8005550001' }, '8005550001'],
    ['survo_id', { ivr_id: 12345 }, 12345],
    ['unique_id', { ivr_response_id: '9876543' }, '9876543'],
  ])('%s of %j is %j', (name, data, expected) => {
    expect(read(name, data)).toBe(expected)
  })
})

describe('nothing is derived', () => {
  const senseless: readonly DataValue[] = [-1, Number.NaN, 'NaN', '', 'abc', '-1', null, true, [60], { seconds: 60 }]

  test.each([
    ...['talk_minutes', 'rounded_talk_minutes', 'intelligent_minutes', 'rounded_intelligent_minutes'],
    ...['enhanced_minutes', 'rounded_enhanced_minutes', 'total_seconds', 'total_minutes', 'call_duration'],
  ])('for %s where a duration makes no sense', (name) => {
    for (const value of senseless) {
      const data = { talk_seconds: value, intelligent_seconds: value, enhanced_seconds: value }
      expect(read(name, data)).toBeUndefined()
    }
  })

  test.each(['date_time', 'call_date', 'call_start_time', 'call_end_time'])('for %s where the time is none', (name) => {
    for (const value of ['yesterday', '2019-02-29T00:00:00Z', '2019-03-28T00:05:00', '', 1_553_731_500, null, {}]) {
      expect(read(name, { started_at: value, ended_at: value })).toBeUndefined()
    }
  })

  test.each(['total_seconds', 'total_minutes', 'call_duration'])('for %s where one of its parts is missing', (name) => {
    expect(read(name, { talk_seconds: 60 })).toBeUndefined()
    expect(read(name, { intelligent_seconds: 60 })).toBeUndefined()
    expect(read(name, { talk_seconds: 60, intelligent_seconds: -1 })).toBeUndefined()
    expect(read(name, { talk_seconds: 60, intelligent_seconds: 1 })).toBeDefined()
  })

  test.each([...DERIVED.keys()])('for %s of a call that has nothing', (name) => {
    expect(read(name, NO_DATA)).toBeUndefined()
  })

  test('of minutes where the seconds are carried but make no sense', () => {
    const data = { total_seconds: 'unknown', talk_seconds: 60, intelligent_seconds: 0 }
    expect(read('total_minutes', data)).toBeUndefined()
    expect(read('call_duration', { ...data, total_seconds: null })).toBeUndefined()
  })
})

describe('the last entry of prompt_responses gives', () => {
  const entries = [
    { question: 'one', question_link: 'https://example.com/1.wav', response: '1' },
    { question: 'two', question_link: 'https://example.com/2.wav', response: 2 },
  ]

  test.each<[string, DataValue]>([
    ['question', 'two'],
    ['question_link', 'https://example.com/2.wav'],
    ['response', 2],
  ])('%s', (name, expected) => {
    expect(read(name, { prompt_responses: entries })).toBe(expected)
  })

  test('nothing where the event carries its own', () => {
    expect(read('question', { prompt_responses: entries, question: 7 })).toBe(7)
  })

  test('nothing for a member that only an earlier entry has', () => {
    expect(read('response', { prompt_responses: [...entries, { question: 'three' }] })).toBeUndefined()
  })

  test.each<[string, DataValue]>([
    ['an empty array', []],
    ['an array of texts', ['one']],
    ['an array of arrays', [['one']]],
    ['an array that ends with null', [entries[0] ?? null, null]],
    ['an object', { question: 'one' }],
    ['text', 'one'],
    ['null', null],
  ])('nothing where it is %s', (_title, value) => {
    expect(read('question', { prompt_responses: value })).toBeUndefined()
  })
})

test('the call’s context gives inputs too, after the event', () => {
  expect(read('talk_minutes', NO_DATA, { talk_seconds: 60 })).toBe('1.0')
  expect(read('talk_minutes', { talk_seconds: 120 }, { talk_seconds: 60 })).toBe('2.0')
  expect(read('total_seconds', { talk_seconds: 60 }, { intelligent_seconds: 5 })).toBe(65)
})

test('how the last invoke ended is the context’s, unchanged', () => {
  expect(read('netget_status', NO_DATA, { netget_status: 'backup response-timeout' })).toBe('backup response-timeout')
  expect(read('netget_status', NO_DATA)).toBeUndefined()
})
