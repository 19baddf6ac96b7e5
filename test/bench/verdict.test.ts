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
  test.each<{ title: string; gate: Gate; values: number[] | undefined; noise: string[]; verdict: object }>([
    { title: 'passes a ratio at its limit', gate: less, values: [2.3], noise: [], verdict: { kind: 'pass' } },
    { title: 'fails a ratio just beyond it', gate: less, values: [2.301], noise: [], verdict: { kind: 'fail' } },
    { title: 'passes what is better', gate: less, values: [0.5], noise: [], verdict: { kind: 'pass' } },
    { title: 'takes the median', gate: less, values: [9, 2, 2, 2, 1], noise: [], verdict: { kind: 'pass', median: 2 } },
    { title: 'passes a larger ratio at its limit', gate: more, values: [4], noise: [], verdict: { kind: 'pass' } },
    { title: 'fails a smaller one just below', gate: more, values: [3.999], noise: [], verdict: { kind: 'fail' } },
    {
      title: 'fails what is worse by more than it is uncertain',
      gate: less,
      values: [2.6, 2.7, 2.7, 2.7, 2.8],
      noise: [],
      verdict: { kind: 'fail', median: 2.7 },
    },
    {
      title: 'gives no verdict on what is worse by less than that',
      gate: less,
      values: [1.9, 2.1, 2.4, 2.7, 2.8],
      noise: [],
      verdict: { kind: 'too-noisy', reasons: ['it is as uncertain as it is far from its gate'], median: 2.4 },
    },
    {
      title: 'gives no verdict on what is good by less than that',
      gate: less,
      values: [1.9, 2.1, 2.3, 2.7, 2.8],
      noise: [],
      verdict: { kind: 'too-noisy', median: 2.3 },
    },
    {
      title: 'passes what is good for sure, however uncertain',
      gate: less,
      values: [0.5, 0.8, 1.2, 1.6, 1.9],
      noise: [],
      verdict: { kind: 'pass', median: 1.2 },
    },
    {
      title: 'gives no verdict in noise, were it good',
      gate: less,
      values: [0.5],
      noise: ['x'],
      verdict: { kind: 'too-noisy' },
    },
    {
      title: 'gives no verdict in noise, were it bad',
      gate: less,
      values: [9],
      noise: ['x'],
      verdict: { kind: 'too-noisy' },
    },
    {
      title: 'says what was not measured',
      gate: less,
      values: undefined,
      noise: [],
      verdict: { kind: 'not-measured' },
    },
    {
      title: 'tells a target that is reached',
      gate: less,
      values: [1.6],
      noise: [],
      verdict: { isTargetReached: true },
    },
    {
      title: 'tells one that is just missed',
      gate: less,
      values: [1.61],
      noise: [],
      verdict: { isTargetReached: false },
    },
    {
      title: 'fails nothing where it is told alone',
      gate: { ...less, isGuarded: false },
      values: [9],
      noise: [],
      verdict: { kind: 'pass', isTargetReached: false },
    },
  ])('$title', ({ gate, values, noise, verdict }) => {
    expect(judge(gate, values, noise, SLOW)).toMatchObject(verdict)
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
