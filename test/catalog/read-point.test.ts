import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CATALOG_NAMES } from '../../src/catalog/catalog.ts'
import { readPoint } from '../../src/catalog/read-point.ts'
import { type DataPoints, type DataValue, NO_DATA } from '../../src/model/data.ts'

function read(path: string, data: DataPoints, context: DataPoints = NO_DATA): DataValue | undefined {
  return readPoint(path)({ data, context })
}

/** An object as `JSON.parse` makes it, which can own `__proto__`. */
function parsed(text: string): DataPoints {
  return JSON.parse(text) as DataPoints
}

describe('a data point is', () => {
  const started = { started_at: '2019-03-28T00:05:00Z' }

  test('the event’s own before the context’s before the derived one', () => {
    expect(read('call_date', { ...started, call_date: 'own' }, { call_date: 'context' })).toBe('own')
    expect(read('call_date', started, { call_date: 'context' })).toBe('context')
    expect(read('call_date', started)).toBe('2019-03-27 20:05:00')
  })

  test.each<[DataValue]>([[null], [''], [0], [false]])('the event’s own even where it is %j', (value) => {
    expect(read('call_date', { ...started, call_date: value }, { call_date: 'context' })).toBe(value)
    expect(read('call_date', started, { call_date: value })).toBe(value)
  })

  test('undefined where the call does not have it', () => {
    expect(read('ani', NO_DATA)).toBeUndefined()
    expect(read('no_such_point', { ani: '1' })).toBeUndefined()
    expect(read('', { ani: '1' })).toBeUndefined()
  })
})

describe('a path walks', () => {
  const data: DataPoints = {
    user: { phoneNumbers: [{ number: '544444444' }, { number: '2' }], length: 3, '0': 'zero', '': 'unnamed' },
    responses: { '1': 5, '10': 'ten' },
    tags: ['a', ['b', 'c']],
    ani: '7776734736',
    nothing: null,
  }

  test.each<[string, DataValue | undefined]>([
    ['responses.1', 5],
    ['responses.10', 'ten'],
    ['responses.2', undefined],
    ['user.phoneNumbers.0.number', '544444444'],
    ['user.phoneNumbers.1.number', '2'],
    ['user.phoneNumbers.2.number', undefined],
    ['user.phoneNumbers.0', { number: '544444444' }],
    ['user.length', 3],
    ['user.0', 'zero'],
    ['user.', 'unnamed'],
    ['tags.1.0', 'b'],
    ['tags.01', undefined],
    ['tags.-1', undefined],
    ['tags.1e0', undefined],
    ['tags. 1', undefined],
    ['tags.4294967296', undefined],
    ['tags.99999999999999999999', undefined],
    ['tags.length', undefined],
    ['tags.at', undefined],
    ['ani.0', undefined],
    ['ani.length', undefined],
    ['nothing.at.all', undefined],
    ['missing.at.all', undefined],
  ])('%s', (path, expected) => {
    expect(read(path, data)).toEqual(expected)
  })

  test('into what the event has, never past it into the context', () => {
    const context = { responses: { '2': 'context' }, user: { id: 'context' } }
    expect(read('responses.2', { responses: { '1': 5 } }, context)).toBeUndefined()
    expect(read('responses.2', { responses: null }, context)).toBeUndefined()
    expect(read('responses.2', NO_DATA, context)).toBe('context')
  })

  test('into a derived value', () => {
    const prompt_responses = [{ response: { key: '1', tries: 2 } }]
    expect(read('response.key', { prompt_responses })).toBe('1')
    expect(read('talk_minutes.0', { talk_seconds: 60 })).toBeUndefined()
  })

  test('but a name that is the whole path goes first, as forms carry nested values', () => {
    expect(read('responses.1', { 'responses.1': '5' })).toBe('5')
    expect(read('responses.1', { 'responses.1': '5', responses: { '1': '6' } })).toBe('5')
    expect(read('responses.1', NO_DATA, { 'responses.1': '5' })).toBe('5')
    expect(read('responses.1', { responses: { '1': '6' } }, { 'responses.1': '5' })).toBe('6')
    expect(read('responses.1', { 'responses.2': '5' }, { responses: { '1': '7' } })).toBe('7')
  })
})

describe('prototypes are out of reach', () => {
  const data = { user: { id: 1 }, list: [1], text: 'x', number: 1 }
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'length', 'prototype', '__defineGetter__']

  test.each(names)('by the name %s', (name) => {
    expect(read(name, data, {})).toBeUndefined()
    for (const first of Object.keys(data)) {
      expect(read(`${first}.${name}`, data)).toBeUndefined()
      expect(read(`${first}.${name}.name`, data)).toBeUndefined()
    }
  })

  test('even where JSON makes __proto__ an own property', () => {
    const hostile = parsed('{ "__proto__": { "ani": "1" }, "user": { "__proto__": { "id": 2 } }, "user.__proto__": 3 }')
    expect(read('__proto__', hostile)).toBeUndefined()
    expect(read('__proto__.ani', hostile)).toBeUndefined()
    expect(read('ani', hostile)).toBeUndefined()
    expect(read('user.__proto__', hostile)).toBeUndefined()
    expect(read('user.__proto__.id', hostile)).toBeUndefined()
    expect(read('user.id', hostile)).toBeUndefined()
  })

  test('while own properties of such names are read like any other', () => {
    expect(read('constructor', { constructor: 'ACME' })).toBe('ACME')
    expect(read('user.toString', { user: { toString: 1 } })).toBe(1)
  })
})

describe('the referrer has two spellings and is one data point', () => {
  test.each([
    ['st_referrer', 'st_referer'],
    ['st_referer', 'st_referrer'],
  ])('%s is read from %s', (asked, other) => {
    expect(read(asked, { [other]: 'own' }, { [asked]: 'context' })).toBe('own')
    expect(read(asked, NO_DATA, { [other]: 'context' })).toBe('context')
    expect(read(asked, { [asked]: 'asked', [other]: 'other' })).toBe('asked')
    expect(read(asked, { [asked]: '', [other]: 'other' })).toBe('')
  })
})

describe('a data point with a form of its own', () => {
  const yes: readonly DataValue[] = [true, 1, 'true', 'True', 'TRUE', '1', ' true ']
  const no: readonly DataValue[] = [false, 0, 'false', 'False', 'FALSE', '0', ' false ']

  test.each<[string, DataValue, DataValue]>([
    ['ivr_completed', 'True', 'False'],
    ['repeat_caller', 1, 0],
    ['ani_is_valid', 1, 0],
  ])('%s is %j or %j however it is carried, in event or context', (name, expectedYes, expectedNo) => {
    for (const value of yes) expect(read(name, { [name]: value })).toBe(expectedYes)
    for (const value of no) expect(read(name, { [name]: value })).toBe(expectedNo)
    expect(read(name, NO_DATA, { [name]: true })).toBe(expectedYes)
    expect(read(name, NO_DATA)).toBeUndefined()
  })

  test.each(['ivr_completed', 'repeat_caller', 'ani_is_valid'])('%s stays as it is where it is no flag', (name) => {
    for (const value of [null, '', 'yes', 'maybe', 2, -1, [true], { flag: true }]) {
      expect(read(name, { [name]: value })).toBe(value)
    }
  })

  test('is only the data point itself: a member of that name inside another stays as it is', () => {
    expect(read('user.repeat_caller', { user: { repeat_caller: true } })).toBe(true)
  })

  test('other booleans stay booleans', () => {
    expect(read('rerouted', { rerouted: true })).toBe(true)
  })

  test.each<[DataValue, DataValue]>([
    ['2019-03-28T00:05:00Z', '2019-03-27 20:05:00'],
    ['2019-01-28T00:05:00.5+01:00', '2019-01-27 18:05:00'],
    ['2024-03-10T06:59:59Z', '2024-03-10 01:59:59'],
    ['2024-03-10T07:00:00Z', '2024-03-10 03:00:00'],
    ['2019-03-27 20:05:00', '2019-03-27 20:05:00'],
    ['2019-02-29T00:00:00Z', '2019-02-29T00:00:00Z'],
    ['', ''],
    [1_553_731_500, 1_553_731_500],
    [null, null],
  ])('st_displayed_timestamp carried as %j is %j', (value, expected) => {
    expect(read('st_displayed_timestamp', { st_displayed_timestamp: value })).toBe(expected)
  })
})

describe('whatever the data', () => {
  const names = fc.oneof(
    fc.constantFrom(...CATALOG_NAMES, '__proto__', 'constructor', 'length', '0', '1'),
    fc.string({ maxLength: 5 }),
  )
  const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<DataValue>
  const points = fc.dictionary(names, json, { maxKeys: 12 }) as fc.Arbitrary<DataPoints>

  test('a reader never throws, and gives only what JSON can carry', () => {
    fc.assert(
      fc.property(fc.array(names, { minLength: 1, maxLength: 4 }), points, points, (path, data, context) => {
        const value = readPoint(path.join('.'))({ data, context })
        expect(['undefined', 'string', 'number', 'boolean', 'object']).toContain(typeof value)
        expect(value).not.toBeNaN()
      }),
      { numRuns: 3000 },
    )
  })

  test('a plain name of no special meaning reads as a model does', () => {
    fc.assert(
      fc.property(
        fc.string().filter((name) => !name.includes('.') && !CATALOG_NAMES.has(name) && name !== '__proto__'),
        points,
        points,
        (name, data, context) => {
          const model = new Map([...Object.entries(context), ...Object.entries(data)])
          expect(readPoint(name)({ data, context })).toEqual(model.get(name))
        },
      ),
    )
  })
})
