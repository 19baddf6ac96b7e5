/** What a thread writes: every cell where the layout says, both sides of each bucket, nothing beyond its row. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SwitchhookError } from '../../src/errors.ts'
import { Blocks } from '../../src/metrics/blocks.ts'
import {
  ATTEMPT_DURATION_AT,
  ATTEMPT_KINDS,
  ATTEMPT_RESULTS,
  ATTEMPTS_AT,
  BLOCK_CELLS,
  cellsOf,
  createBlock,
  DELIVERIES_AT,
  DELIVERY_RESULTS,
  DURATION_BOUNDS_MS,
  ENGINE_HISTOGRAMS,
  engineBoundsMs,
  engineHistogramAt,
  histogramCells,
  INVOKE_DURATION_AT,
  INVOKE_RESULTS,
  INVOKES_AT,
  LAG_BOUNDS_MS,
  OTHER_ROW,
  overheadAt,
  PHASES,
  phaseAt,
  rowAt,
  STAGES,
} from '../../src/metrics/layout.ts'
import { Recorder } from '../../src/metrics/recorder.ts'
import type { PhaseName } from '../../src/model/attempt.ts'

const DURATION_CELLS = histogramCells(DURATION_BOUNDS_MS)

describe('layout', () => {
  test('the parts of rows and histograms fill the block without gap or overlap', () => {
    const parts: (readonly [at: number, cells: number])[] = []
    for (let row = 0; row <= OTHER_ROW; row += 1) {
      parts.push(
        [rowAt(row) + ATTEMPTS_AT, ATTEMPT_RESULTS.length],
        [rowAt(row) + DELIVERIES_AT, DELIVERY_RESULTS.length],
        [rowAt(row) + INVOKES_AT, INVOKE_RESULTS.length],
        [rowAt(row) + ATTEMPT_DURATION_AT, DURATION_CELLS],
        [rowAt(row) + INVOKE_DURATION_AT, DURATION_CELLS],
      )
    }
    for (const stage of STAGES) parts.push([overheadAt(stage), DURATION_CELLS])
    for (const kind of ATTEMPT_KINDS) {
      for (const index of PHASES.keys()) parts.push([phaseAt(kind, index), DURATION_CELLS])
    }
    for (const histogram of ENGINE_HISTOGRAMS) {
      parts.push([engineHistogramAt(histogram), histogramCells(LAG_BOUNDS_MS)])
      expect(engineBoundsMs(histogram).length).toBeLessThanOrEqual(LAG_BOUNDS_MS.length)
    }
    let end = 0
    for (const [at, cells] of parts) {
      expect(at).toBe(end)
      end = at + cells
    }
    expect(end).toBe(BLOCK_CELLS)
  })

  test.each([
    { name: 'no', row: -1, isOther: true },
    { name: 'the first', row: 0, isOther: false },
    { name: 'the last', row: 999, isOther: false },
    { name: 'the shared', row: 1000, isOther: true },
    { name: 'no', row: 1001, isOther: true },
    { name: 'no', row: Number.NaN, isOther: true },
  ])('$row is $name row', ({ row, isOther }) => {
    expect(rowAt(row) === rowAt(OTHER_ROW)).toBe(isOther)
  })

  test('bounds rise from 0.1 ms to 10 s, those of the lag to a day', () => {
    for (const bounds of [DURATION_BOUNDS_MS, LAG_BOUNDS_MS]) expect([...bounds].sort((a, b) => a - b)).toEqual(bounds)
    expect([DURATION_BOUNDS_MS.at(0), DURATION_BOUNDS_MS.at(-1), LAG_BOUNDS_MS.at(-1)]).toEqual([
      0.1, 10_000, 86_400_000,
    ])
  })

  test.each([BLOCK_CELLS - 1, BLOCK_CELLS + 1])('a block of %i cells is refused', (cells) => {
    expect(() => cellsOf(new SharedArrayBuffer(cells * 8))).toThrow(SwitchhookError)
  })
})

describe('Recorder', () => {
  /** A recorder with what it wrote, as cell -> value of the cells that are not 0. */
  function written(record: (recorder: Recorder) => void): ReadonlyMap<number, number> {
    const block = createBlock()
    record(new Recorder(block))
    return new Map([...cellsOf(block).entries()].filter(([, value]) => value !== 0))
  }

  test.each(
    DURATION_BOUNDS_MS.flatMap((boundMs, bucket) => [
      { durationMs: boundMs, bucket },
      { durationMs: boundMs * 1.000_001, bucket: bucket + 1 },
    ]),
  )('$durationMs ms fall into bucket $bucket', ({ durationMs, bucket }) => {
    const at = overheadAt('render')
    const expected = new Map([
      [at + bucket, 1],
      [at + DURATION_CELLS - 1, durationMs],
    ])
    expect(written((recorder) => recorder.overhead('render', durationMs))).toEqual(expected)
  })

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'a duration of %d counts as 0',
    (ms) => {
      const cells = written((recorder) => recorder.engine('storeCommit', ms))
      expect(cells).toEqual(new Map([[engineHistogramAt('storeCommit'), 1]]))
    },
  )

  test.each(ATTEMPT_RESULTS.map((result, index) => ({ result, index })))(
    'an attempt counts as $result',
    ({ result, index }) => {
      const at = rowAt(7)
      const cells = written((recorder) => recorder.attempt(7, result, 0.1))
      expect([...cells.keys()]).toEqual([
        at + index,
        at + ATTEMPT_DURATION_AT,
        at + ATTEMPT_DURATION_AT + DURATION_CELLS - 1,
      ])
    },
  )

  test.each(ATTEMPT_KINDS.flatMap((kind) => PHASES.map(([phase, name], index) => ({ kind, phase, name, index }))))(
    'the phase $phase of an attempt to $kind counts as itself',
    ({ kind, name, index }) => {
      const at = phaseAt(kind, index)
      const cells = written((recorder) => recorder.phases(kind, { [name]: 10_001 }))
      expect(cells).toEqual(
        new Map([
          [at + DURATION_BOUNDS_MS.length, 1],
          [at + DURATION_CELLS - 1, 10_001],
        ]),
      )
    },
  )

  test('a phase that took no time happened, one that is absent did not', () => {
    const counted = [...written((recorder) => recorder.phases('send', { dnsMs: 0, bodyMs: 0 })).keys()]
    const placeOf = (name: PhaseName): number => PHASES.findIndex(([, each]) => each === name)
    expect(counted).toEqual([phaseAt('send', placeOf('dnsMs')), phaseAt('send', placeOf('bodyMs'))])
  })

  test.each(DELIVERY_RESULTS.map((result, index) => ({ result, index })))(
    'deliveries count as $result',
    ({ result, index }) => {
      const cells = written((recorder) => recorder.delivery(999, result, 3))
      expect(cells).toEqual(new Map([[rowAt(999) + DELIVERIES_AT + index, 3]]))
    },
  )

  test.each(INVOKE_RESULTS.map((result, index) => ({ result, index })))('an invoke counts as $result', (counted) => {
    const at = rowAt(OTHER_ROW) + INVOKE_DURATION_AT
    const cells = written((recorder) => recorder.invoke(OTHER_ROW, counted.result, 10_001))
    expect(cells).toEqual(
      new Map([
        [rowAt(OTHER_ROW) + INVOKES_AT + counted.index, 1],
        [at + DURATION_BOUNDS_MS.length, 1],
        [at + DURATION_CELLS - 1, 10_001],
      ]),
    )
  })
})

describe('Blocks', () => {
  const attempts = fc.record({
    thread: fc.nat({ max: 4 }),
    row: fc.nat({ max: OTHER_ROW }),
    result: fc.constantFrom(...ATTEMPT_RESULTS),
    durationMs: fc.nat({ max: 20_000 }),
    dies: fc.boolean(),
  })

  test('sums over all threads, dead ones included, are what was recorded', () => {
    fc.assert(
      fc.property(fc.array(attempts, { maxLength: 60 }), (taps) => {
        const blocks = new Blocks()
        const threads = new Map<number, SharedArrayBuffer>()
        const expected = new Map<number, number>()
        for (const { thread, row, result, durationMs, dies } of taps) {
          const block = threads.get(thread) ?? createBlock()
          threads.set(thread, block)
          blocks.add(block)
          new Recorder(block).attempt(row, result, durationMs)
          const cell = rowAt(row) + ATTEMPTS_AT + ATTEMPT_RESULTS.indexOf(result)
          const sumCell = rowAt(row) + ATTEMPT_DURATION_AT + DURATION_CELLS - 1
          expected.set(cell, (expected.get(cell) ?? 0) + 1)
          expected.set(sumCell, (expected.get(sumCell) ?? 0) + durationMs)
          if (dies) {
            blocks.fold(block)
            threads.delete(thread)
          }
          for (const [at, value] of expected) expect(blocks.total(at)).toBe(value)
        }
        const inAll = blocks.totals(0, BLOCK_CELLS).reduce((sum, value) => sum + value, 0)
        expect(inAll).toBe(taps.reduce((sum, { durationMs }) => sum + 2 + durationMs, 0))
      }),
      { numRuns: 30 },
    )
  })

  test('a block that is added or folded twice counts once', () => {
    const blocks = new Blocks()
    const block = createBlock()
    new Recorder(block).delivery(0, 'dead', 1)
    const cell = rowAt(0) + DELIVERIES_AT + DELIVERY_RESULTS.indexOf('dead')
    blocks.add(block)
    blocks.add(block)
    expect(blocks.total(cell)).toBe(1)
    blocks.fold(block)
    blocks.fold(block)
    blocks.fold(createBlock())
    expect(blocks.total(cell)).toBe(1)
  })
})
