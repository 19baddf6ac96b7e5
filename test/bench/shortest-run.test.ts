/**
 * Every bench in its shortest form: what it sends and computes is checked by itself, so a run that ends well shows that all
 * contenders did the same job. No time is judged; that every gate has its ratio is.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { BENCHES } from '../../bench/benches.ts'
import { GATES } from '../../bench/gates.ts'

/** Longest for one bench on a machine that does much else. */
const LIMIT_MS = 120_000

describe('every bench runs and gives what its gates judge', () => {
  test.each(BENCHES.map((bench) => [bench.name, bench] as const))(
    '%s',
    async (name, bench) => {
      const folder = await mkdtemp(join(tmpdir(), 'switchhook-bench-test-'))
      try {
        const result = await bench.run({ size: 'shortest', folder, progress: () => undefined, wishes: {} })
        const gates = GATES.filter((gate) => gate.bench === name).map((gate) => gate.name)
        expect(result.ratios.map(({ gate }) => gate)).toEqual(gates)
        for (const { values } of [...result.ratios, ...result.controls]) {
          expect(values.length).toBeGreaterThan(0)
          expect(values.every(Number.isFinite)).toBe(true)
        }
        for (const { columns, rows } of result.tables) {
          expect(rows.length).toBeGreaterThan(0)
          expect(rows.map(({ length }) => length)).toEqual(rows.map(() => columns.length))
        }
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
    LIMIT_MS,
  )
})
