/**
 * The gate's logic: noisy gives no verdict, worse fails, better passes, and the target is told apart from the gate.
 */
import { describe, expect, test } from 'vitest'
import { BENCHES } from '../../bench/benches.ts'
import { GATES } from '../../bench/gates.ts'
import { type Gate, judge, limitOf } from '../../bench/measuring/verdict.ts'

const less: Gate = {
  name: 'cost',
  what: 'cost, of bare dispatch',
  bench: 'deliveries',
  better: 'less',
  target: 1.6,
  reached: [
    { processor: 'Quick', value: 1, measured: '2026-11-21 4a7f280' },
    { processor: 'Slow', value: 2, measured: '2026-11-21 4a7f280' },
  ],
  isGuarded: true,
}
const more: Gate = {
  ...{ ...less, name: 'speed', better: 'more', target: 10 },
  reached: [{ processor: 'Slow', value: 4.6, measured: '2026-11-21 4a7f280' }],
}
const SLOW = 'Some Slow Processor'

describe('a gate', () => {
  test.each<[title: string, gate: Gate, values: number[], verdict: object]>([
    ['passes a ratio at its limit', less, [2.3], { kind: 'pass' }],
    ['fails a ratio just beyond it', less, [2.301], { kind: 'fail' }],
    ['passes what is better', less, [0.5], { kind: 'pass' }],
    ['takes the median', less, [9, 2, 2, 2, 1], { kind: 'pass', median: 2 }],
    ['passes a larger ratio at its limit', more, [4], { kind: 'pass' }],
    ['fails a smaller one just below', more, [3.999], { kind: 'fail' }],
    [
      'fails what is worse by more than it is uncertain',
      less,
      [2.6, 2.7, 2.7, 2.7, 2.8],
      { kind: 'fail', median: 2.7 },
    ],
    [
      'gives no verdict on what is worse by less than that',
      less,
      [1.9, 2.1, 2.4, 2.7, 2.8],
      { kind: 'too-noisy', reasons: ['it is as uncertain as it is far from its gate'], median: 2.4 },
    ],
    ['nor on what is good by less', less, [1.9, 2.1, 2.3, 2.7, 2.8], { kind: 'too-noisy', median: 2.3 }],
    ['passes what is good for sure', less, [0.5, 0.8, 1.2, 1.6, 1.9], { kind: 'pass', median: 1.2 }],
    ['tells a target that is reached', less, [1.6], { isTargetReached: true }],
    ['tells one that is just missed', less, [1.61], { isTargetReached: false }],
    [
      'fails nothing where it is told alone',
      { ...less, isGuarded: false },
      [9],
      { kind: 'pass', isTargetReached: false },
    ],
  ])('%s', (_title, gate, values, verdict) => {
    expect(judge(gate, values, [], SLOW)).toMatchObject(verdict)
  })

  test.each([
    ['good', 0.5],
    ['bad', 9],
  ])('gives no verdict in noise, were it %s', (_title, value) => {
    expect(judge(less, [value], ['x'], SLOW)).toMatchObject({ kind: 'too-noisy' })
  })

  test('says what was not measured', () => {
    expect(judge(less, undefined, [], SLOW)).toMatchObject({ kind: 'not-measured' })
  })

  test.each([
    { title: 'stands 15 % off from what was reached on the processor', processor: 'A Quick One', limit: 1.15 },
    { title: 'has another limit on another processor', processor: SLOW, limit: 2.3 },
    { title: 'takes the worst where nobody has measured', processor: 'unknown', limit: 2.3 },
  ])('$title', ({ processor, limit }) => {
    expect(limitOf(less, processor)).toBeCloseTo(limit)
  })

  test('stands 15 % below where more is better', () => {
    expect(limitOf(more, SLOW)).toBeCloseTo(4)
  })
})

describe('the table of gates', () => {
  test('names each gate once, and only benches that there are', () => {
    const names = GATES.map(({ name }) => name)
    expect(names).toEqual([...new Set(names)])
    const benches = BENCHES.map(({ name }) => name)
    expect(GATES.filter(({ bench }) => !benches.includes(bench))).toEqual([])
  })

  test('says when and of which commit each was measured, once a processor', () => {
    for (const { reached } of GATES) {
      for (const { measured } of reached) expect(measured).toMatch(/^20\d\d-\d\d-\d\d [0-9a-f]{7,}$/)
      const processors = reached.map(({ processor }) => processor)
      expect(processors).toEqual([...new Set(processors)])
    }
  })
})
