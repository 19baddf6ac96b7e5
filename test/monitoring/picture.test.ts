/** The picture of the dashboard: what it draws of values that were made up, and that the one in the documents has every panel. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { SaxesParser } from 'saxes'
import { describe, expect, test } from 'vitest'
import { PANEL_ROWS, type Panel } from '../../scripts/monitoring/panels.ts'
import { dashboardPicture } from '../../scripts/monitoring/picture/dashboard-drawing.ts'
import { spansAbove } from '../../scripts/monitoring/picture/prometheus-reading.ts'
import { type Line, type Reading, valueAt } from '../../scripts/monitoring/picture/reading.ts'
import { axisFor, timeMarks, valueText } from '../../scripts/monitoring/picture/ticks.ts'

const PANELS: readonly Panel[] = PANEL_ROWS.flatMap(({ panels }) => panels)
const TITLES = PANELS.map(({ title, description }) => `${title}. ${description}`)

interface Drawing {
  /** What each panel is called, as whoever hears the picture is told. */
  readonly panels: readonly string[]
  readonly texts: readonly string[]
  /** Of its elements. */
  readonly names: ReadonlySet<string>
  /** Of their attributes. */
  readonly values: readonly string[]
}

/** What a drawing says; throws where it is not well-formed. */
function readDrawing(svg: string): Drawing {
  const parser = new SaxesParser()
  const panels: string[] = []
  const texts: string[] = []
  const names = new Set<string>()
  const values: string[] = []
  const open: string[] = []
  parser.on('opentag', ({ name, attributes }) => {
    names.add(name)
    values.push(...Object.values(attributes))
    open.push(name)
  })
  parser.on('closetag', () => void open.pop())
  parser.on('text', (text) => {
    if (open.join(' ') === 'svg g title') panels.push(text)
    else if (open.at(-1) === 'text') texts.push(text)
  })
  parser.write(svg).close()
  return { panels, texts, names, values }
}

/** A reading of a minute in which every panel has these lines. */
function readingOf(lines: readonly Line[], changes: Partial<Reading> = {}): Reading {
  return {
    about: 'made up',
    span: { fromS: 1000, toS: 1060 },
    listedAtS: 1030,
    troubles: [{ fromS: 1020, toS: 1030 }],
    lines: new Map(PANELS.map((panel) => [panel, lines])),
    ...changes,
  }
}

function wave(name: string, height: number): Line {
  return { name, points: Array.from({ length: 61 }, (_, index) => [1000 + index, height * (1 + Math.sin(index / 5))]) }
}

describe('the drawing', () => {
  test('has each panel of the table once, in its order, and is the same each time', () => {
    const reading = readingOf([wave('a', 0.01), wave('b', 0.002)])
    const svg = dashboardPicture(reading)
    expect(readDrawing(svg).panels).toEqual(TITLES)
    expect(dashboardPicture(reading)).toBe(svg)
  })

  test('of nothing at all has its panels too', () => {
    const { panels, texts } = readDrawing(dashboardPicture(readingOf([])))
    expect(panels).toEqual(TITLES)
    const isList = PANELS.map(({ kind }) => kind === 'list')
    expect(texts.filter((text) => text === 'none')).toHaveLength(isList.filter((each) => each).length)
    expect(texts.filter((text) => text === 'nothing happened')).toHaveLength(isList.filter((each) => !each).length)
  })

  test('is well-formed and has all its places, whatever series are called and whatever they are worth', () => {
    const value = fc.oneof(
      fc.double({ min: -1e15, max: 1e15 }),
      fc.constantFrom(0, Number.NaN, Number.POSITIVE_INFINITY, -1),
    )
    const point = fc.tuple(fc.integer({ min: 1000, max: 1060 }), value)
    const points = fc.uniqueArray(point, { selector: ([atS]) => atS }).map((all) => all.sort(([a], [b]) => a - b))
    const line = fc.record({ name: fc.string({ unit: 'binary' }), points })
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        const { panels, names, values } = readDrawing(dashboardPicture(readingOf(lines)))
        expect(panels).toEqual(TITLES)
        expect(values.filter((value) => /NaN|Infinity|undefined/.test(value))).toEqual([])
        expect([...names].sort()).toEqual(
          expect.arrayContaining(['g', 'line', 'rect', 'style', 'svg', 'text', 'title']),
        )
        const known = ['g', 'line', 'polygon', 'polyline', 'rect', 'style', 'svg', 'text', 'title']
        expect([...names].filter((name) => !known.includes(name))).toEqual([])
      }),
      { numRuns: 50 },
    )
  })

  test('marks a limit among the values, and tells one that lies far above them', () => {
    const limited = PANELS.filter(({ limits }) => limits?.some(({ value }) => value === 1))
    expect(limited.map(({ title }) => title)).toEqual(['Decision time'])
    const said = (peak: number): readonly string[] =>
      readDrawing(dashboardPicture(readingOf([wave('p99', peak / 2)]))).texts.filter((text) =>
        text.startsWith('99 % within: 1 s'),
      )
    expect(said(0.6)).toEqual(['99 % within: 1 s'])
    expect(said(0.4)).toEqual(['99 % within: 1 s ↑'])
  })

  test('names those that matter most where not all have room, and how many there are more', () => {
    const many = Array.from({ length: 40 }, (_, index) => wave(`POST /v1/route-${index}`, index + 1))
    const { texts } = readDrawing(dashboardPicture(readingOf(many)))
    expect(texts).toContain('POST /v1/route-39')
    expect(texts).not.toContain('POST /v1/route-0')
    for (const rest of texts.filter((text) => /^and \d+ more$/.test(text))) {
      expect(Number(rest.split(' ')[1])).toBeLessThan(40)
    }
    expect(texts.filter((text) => /^and \d+ more$/.test(text))).toHaveLength(PANELS.length)
  })
})

test('the picture in the documents has every panel of the table; `npm run dashboard-picture` draws it anew', () => {
  const svg = readFileSync(join(import.meta.dirname, '../../docs/dashboard.svg'), 'utf8')
  expect(readDrawing(svg).panels).toEqual(TITLES)
})

describe('an axis', () => {
  test.each([
    [0, 'ops', 1, ['0/s', '0.25/s', '0.5/s', '0.75/s', '1/s']],
    [0, 's', 0.001, ['0 ms', '0.25 ms', '0.5 ms', '0.75 ms', '1 ms']],
    [371, 'ops', 400, ['0/s', '100/s', '200/s', '300/s', '400/s']],
    [0.0042, 's', 0.006, ['0 ms', '2 ms', '4 ms', '6 ms']],
    [90, 's', 90, ['0 min', '0.5 min', '1 min', '1.5 min']],
    [0.15, 'percentunit', 0.15, ['0 %', '5 %', '10 %', '15 %']],
    [5e-324, 'ops', 1, ['0/s', '0.25/s', '0.5/s', '0.75/s', '1/s']],
    [0.0001, 'percentunit', 0.0001, ['0 %', '0.0025 %', '0.005 %', '0.0075 %', '0.01 %']],
    [0.000004, 'percentunit', 0.000004, ['0 ppm', '1 ppm', '2 ppm', '3 ppm', '4 ppm']],
    [3 * 2 ** 20, 'bytes', 3 * 2 ** 20, ['0 MiB', '1 MiB', '2 MiB', '3 MiB']],
    [10_000_000, 'short', 10_000_000, ['0 M', '2.5 M', '5 M', '7.5 M', '10 M']],
  ] as const)('for values up to %d %s ends at %d', (most, unit, top, texts) => {
    const axis = axisFor(most, unit, 4)
    expect(axis.top).toBeCloseTo(top, 9)
    expect(axis.marks.map(({ text }) => text)).toEqual(texts)
  })

  test('holds all values in few marks, the last at its end', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-9, max: 1e15, noNaN: true }),
        fc.constantFrom('short', 'ops', 's', 'bytes', 'percentunit'),
        (most, unit) => {
          const { top, marks } = axisFor(most, unit, 4)
          expect(top).toBeGreaterThanOrEqual(most * (1 - 1e-6))
          expect(marks.length).toBeLessThanOrEqual(6)
          expect(marks.at(-1)?.value).toBeCloseTo(top, 6)
        },
      ),
    )
  })

  test.each([
    [60, [0, 15, 30, 45, 60]],
    [10, [0, 2, 4, 6, 8, 10]],
    [3600, [0, 1800, 3600]],
  ])('of %d seconds has marks at %j', (seconds, marks) => {
    expect(timeMarks(seconds, 5)).toEqual(marks)
  })

  test.each([
    [0, 's', '0 ms'],
    [0, 'percentunit', '0 %'],
    [0.01234, 's', '12.3 ms'],
    [1.38, 's', '1.38 s'],
    [1234.5, 'ops', '1.23 k/s'],
    [0.001, 'percentunit', '0.1 %'],
    [2, 'short', '2'],
    [1536, 'bytes', '1.5 KiB'],
  ] as const)('%d as %s is written %s', (value, unit, text) => {
    expect(valueText(value, unit)).toBe(text)
  })
})

test('a span of trouble goes on while values are above 0, and a moment without them ends it', () => {
  expect(
    spansAbove([
      [1, 0],
      [2, 2],
      [3, 1],
      [4, 0],
      [5, Number.NaN],
      [6, 2],
    ]),
  ).toEqual([
    { fromS: 2, toS: 3 },
    { fromS: 6, toS: 6 },
  ])
})

test('a list shows the last value before its moment, unless that is too long ago', () => {
  const line: Line = {
    name: 'a',
    points: [
      [10, 1],
      [11, Number.NaN],
      [12, 3],
    ],
  }
  expect(valueAt(line, 11.5, 5)).toBe(1)
  expect(valueAt(line, 17, 5)).toBe(3)
  expect(valueAt(line, 17.1, 5)).toBeUndefined()
  expect(valueAt(line, 9, 5)).toBeUndefined()
})
