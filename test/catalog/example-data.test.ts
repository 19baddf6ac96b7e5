import { describe, expect, test } from 'vitest'
import { CATALOG, CATALOG_NAMES, catalogWith, exampleData } from '../../src/catalog/catalog.ts'
import { DERIVED } from '../../src/catalog/derived.ts'
import { readPoint } from '../../src/catalog/read-point.ts'
import { type DataPoints, NO_DATA } from '../../src/model/data.ts'

function namesOf(platformId: string, withoutCategory: string): readonly string[] {
  const categories = CATALOG.find(({ id }) => id === platformId)?.categories ?? []
  const kept = categories.filter(({ name }) => name !== withoutCategory)
  return kept.flatMap(({ dataPoints }) => dataPoints.map(({ name }) => name))
}

function without(points: DataPoints, name: string): DataPoints {
  return Object.fromEntries(Object.entries(points).filter(([key]) => key !== name))
}

describe('an example event', () => {
  test.each(CATALOG.map(({ id }) => id))('of %s has every data point of that platform and the engine’s own', (id) => {
    expect(Object.keys(exampleData(id, 'call.end'))).toEqual(
      expect.arrayContaining([...namesOf(id, ''), ...namesOf('switchhook', '')]),
    )
  })

  test('that begins a call knows nothing of its end', () => {
    const begin = Object.keys(exampleData('autoid', 'call.begin'))
    expect(begin).toEqual([...namesOf('autoid', 'call_end'), ...namesOf('switchhook', 'call_end')])
    expect(begin).not.toContain('answered_time')
    expect(begin).not.toContain('ended_at')
  })

  test('has one value where the document lists the possible ones, and one where it has none', () => {
    expect(exampleData('autoid', 'call.end')).toMatchObject({
      ani_line_type: 'Mobile',
      ani_carrier: 'Verizon Wireless',
      ani_type: 'Single Family',
      utm_source: 'newsletter.example.com',
      utm_medium: 'newsletter',
      ani: '7776734736',
    })
  })

  test('has the carrier’s own data points, whatever the platform', () => {
    const catalog = catalogWith([
      { name: 'queue_depth', description: 'Callers waiting', example: 7 },
      { name: 'mood', description: 'How the caller feels' },
      { name: 'constructor', description: 'A name that objects inherit', example: 'ACME' },
    ])
    for (const id of ['wix-answers-ivr', 'own', 'custom']) {
      const data = exampleData(id, 'call.end', catalog)
      expect(data).toMatchObject({ queue_depth: 7, constructor: 'ACME' })
      expect(data).not.toHaveProperty('mood')
    }
  })

  test('for a webhook of no platform has the data points of all', () => {
    expect(new Set(Object.keys(exampleData('custom', 'call.end')))).toEqual(CATALOG_NAMES)
  })

  test('is the same at every call', () => {
    expect(exampleData('dialogtech-ivr', 'ivr.completed')).toEqual(exampleData('dialogtech-ivr', 'ivr.completed'))
  })

  test('of an empty catalogue is empty', () => {
    expect(exampleData('custom', 'call.end', [])).toEqual(NO_DATA)
  })

  test.each([...DERIVED.keys()].filter((name) => name !== 'question'))(
    'agrees with itself: %s is what would be derived',
    (name) => {
      const data = exampleData('custom', 'call.end')
      expect(readPoint(name)({ data: without(data, name), context: NO_DATA })).toEqual(data[name])
    },
  )

  test('agrees with itself: the question is the last one of the way through the treatment', () => {
    const data = exampleData('autoid', 'call.end')
    expect(readPoint('question')({ data: without(data, 'question'), context: NO_DATA })).toBe(data['question'])
  })
})
