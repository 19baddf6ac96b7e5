/** What of the log is written: by its level, and of a flood the first lines and how many there were. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { LOG_LEVELS, type LogLevel } from '../../src/logging/levels.ts'
import { createLog, type Log } from '../../src/logging/log.ts'

interface Entry {
  readonly level: number
  readonly msg: string
  readonly [field: string]: unknown
}

function logged(level?: LogLevel): { readonly log: Log; readonly entries: Entry[] } {
  const entries: Entry[] = []
  const stream = { write: (line: string) => entries.push(JSON.parse(line)) }
  return { log: createLog(stream, level === undefined ? {} : { level }), entries }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('the level', () => {
  test.each([
    ['debug', LOG_LEVELS],
    ['info', ['info', 'warn', 'error']],
    ['warn', ['warn', 'error']],
    ['error', ['error']],
    [undefined, ['info', 'warn', 'error']],
  ] as const)('%s lets through %j', (level, written) => {
    const { log, entries } = logged(level)
    for (const each of LOG_LEVELS) log[each]({}, each)
    expect(entries.map(({ msg }) => msg)).toEqual(written)
  })

  test('can be changed at any time, and keeps no line of the audit back', () => {
    const { log, entries } = logged('error')
    log.info({}, 'before')
    log.info({ audit: 'replay' }, 'audit: replay')
    log.level = 'debug'
    log.debug({}, 'after')
    expect(entries.map(({ msg }) => msg)).toEqual(['audit: replay', 'after'])
  })
})

describe('a flood', () => {
  test('of 10,000 a second is ten lines in ten seconds, and how many there were more', () => {
    const { log, entries } = logged()
    for (let count = 0; count < 100_000; count += 1) {
      log.warn({ webhook: 'crm', delivery: `d-${count}` }, 'a delivery is a dead letter')
      if (count % 10 === 9) vi.advanceTimersByTime(1)
    }
    expect(entries).toHaveLength(11)
    expect(entries[9]).toMatchObject({ delivery: 'd-9', msg: 'a delivery is a dead letter' })
    expect(entries[10]).toMatchObject({
      level: 40,
      webhook: 'crm',
      leftOut: 99_990,
      msg: '… and 99,990 more like this: a delivery is a dead letter',
    })
    expect(entries[10]).not.toHaveProperty('delivery')
  })

  test('is told of when its time is over, though nothing more is logged', () => {
    const { log, entries } = logged()
    for (let count = 0; count < 12; count += 1) log.error({}, 'broken')
    vi.advanceTimersByTime(9999)
    expect(entries).toHaveLength(10)
    vi.advanceTimersByTime(1)
    expect(entries).toHaveLength(11)
    expect(entries[10]).toMatchObject({ leftOut: 2 })
    vi.advanceTimersByTime(60_000)
    expect(entries).toHaveLength(11)
  })

  test('of one webhook, endpoint or level hides no line of another', () => {
    const { log, entries } = logged()
    for (let count = 0; count < 20; count += 1) log.warn({ webhook: 'crm' }, 'dead')
    log.warn({ webhook: 'erp' }, 'dead')
    log.warn({ endpoint: 'crm' }, 'dead')
    log.error({ webhook: 'crm' }, 'dead')
    expect(entries).toHaveLength(13)
  })

  test('of the audit is written whole', () => {
    const { log, entries } = logged()
    for (let count = 0; count < 50; count += 1) log.info({ audit: 'retry' }, 'audit: retry')
    expect(entries).toHaveLength(50)
  })

  test('is told of at the end, once, and masked like any line', () => {
    const { log, entries } = logged()
    log.hide(['hunter22'])
    for (let count = 0; count < 11; count += 1) log.info({ endpoint: 'https://a/?key=1' }, 'to 5551234567 by hunter22')
    log.flush()
    log.flush()
    expect(entries).toHaveLength(11)
    expect(entries[10]).toMatchObject({
      endpoint: 'https://a/?[masked]',
      msg: '… and 1 more like this: to ***67 by [masked]',
    })
  })
})
