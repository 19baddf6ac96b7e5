/**
 * The demo as its users run it, and the parts that make it notice when something is lost or wrong: a demo that always ends
 * well would prove nothing.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { compareSides } from '../../scripts/demo/comparison.ts'
import { flatten, readForm, readXml } from '../../scripts/demo/content.ts'
import { type EngineStats, parseMetrics } from '../../scripts/demo/engine-figures.ts'
import { withOrigins } from '../../scripts/demo/example-copy.ts'
import { type Expectation, Ledger, type Receipt } from '../../scripts/demo/ledger.ts'
import { Screen } from '../../scripts/demo/screen.ts'

const MAIN = join(import.meta.dirname, '..', '..', 'scripts', 'demo', 'main.ts')

async function runDemo(...args: readonly string[]) {
  const { FORCE_COLOR: _, ...env } = process.env
  const child = spawn(process.execPath, [MAIN, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { output, errors, status: child.exitCode }
}

describe('npm run demo', () => {
  test('plays calls through a real engine and ends with a table that says that nothing is lost', async () => {
    const { output, errors, status } = await runDemo('--for', '3s', '--rate', '100')
    expect(errors).toBe('')
    expect(output).toContain('Nothing lost, nothing wrong.')
    expect(status).toBe(0)
    expect(output).toMatch(/^ deliveries .* 0 dead · 0 lost · 0 duplicates$/m)
    for (const line of [
      /survey 1 .*service-score: findme 2223334444, 5556667777/,
      /login 1 .*pin-login: go to ivr 12346, with firstname=Ada/,
      /sales 1 .*delivered to crm-end/,
      /balance 1 .*balance: set balance=/,
      /flaky CRM .*all \d+ that waited have arrived/,
      /events \d+\/s · invoke p50 /,
    ]) {
      expect(output).toMatch(line)
    }
  })

  test('writes plain lines of at most 100 columns where nobody looks', async () => {
    const { output, status } = await runDemo('--for', '1s', '--rate', '600')
    expect(status).toBe(0)
    expect(output).not.toContain('\u001B')
    expect(output.split('\n').filter((line) => [...line].length > 100)).toEqual([])
  })

  test.each([
    ['--for', '0s'],
    ['--for', '10'],
    ['--rate', '601'],
    ['--speed', '2'],
  ])('refuses %s %s with status 2 and says what would be right', async (...args) => {
    const { output, errors, status } = await runDemo(...args)
    expect({ output, status }).toEqual({ output: '', status: 2 })
    expect(errors).toContain('Usage: npm run demo')
  })
})

const delivery: Expectation = { webhook: 'call-log', call: 'call-1', job: 'delivery', content: { minutes: '1.6' } }
const arrived: Receipt = {
  webhook: 'call-log',
  id: 'delivery-1',
  call: 'call-1',
  content: { minutes: '1.6', from: '2015550100' },
  answer: 'taken',
  problem: '',
}

/** What a ledger says after these requests have arrived. */
function ledgerAfter(expected: readonly Expectation[], ...receipts: readonly Partial<Receipt>[]) {
  const ledger = new Ledger()
  ledger.expect(expected)
  for (const receipt of receipts) ledger.receive({ ...arrived, ...receipt })
  const { deliveredCount, duplicates, refused } = ledger.totals()
  return { lost: ledger.lost(), problems: ledger.problems(), deliveredCount, duplicates, refused }
}

describe('the ledger', () => {
  const right = { lost: [], problems: [], deliveredCount: 1, duplicates: 0, refused: 0 }

  test('is content when what was owed has arrived', () => {
    expect(ledgerAfter([delivery], {})).toEqual(right)
  })

  test('names a lost delivery', () => {
    expect(ledgerAfter([delivery])).toEqual({
      ...right,
      deliveredCount: 0,
      lost: ['call-log, call call-1: delivery lost'],
    })
  })

  test('takes a delivery for lost that was only refused', () => {
    expect(ledgerAfter([delivery], { answer: 'refused' })).toMatchObject({
      lost: ['call-log, call call-1: delivery lost'],
      refused: 1,
    })
  })

  test('counts a delivery that arrives again as a duplicate, not as a second one', () => {
    expect(ledgerAfter([delivery], {}, {})).toEqual({ ...right, duplicates: 1 })
    expect(ledgerAfter([delivery, delivery], {}, {})).toMatchObject({ duplicates: 1, lost: [expect.any(String)] })
  })

  test('names a value that is not what was sent', () => {
    expect(ledgerAfter([delivery], { content: { minutes: '1.7' } })).toEqual({
      ...right,
      problems: ['call-log, call call-1: minutes is "1.7", expected "1.6"'],
    })
  })

  test('names a value that should not be there', () => {
    const bare = { ...delivery, content: { from: undefined } }
    expect(ledgerAfter([bare], {}).problems).toEqual(['call-log, call call-1: from is "2015550100", expected absent'])
  })

  test('names a request that nobody sent', () => {
    expect(ledgerAfter([], {}).problems).toEqual(['call-log, call call-1: arrived, but was never sent'])
  })

  test('names a request that is wrong in itself', () => {
    const problem = 'the signature is wrong'
    expect(ledgerAfter([delivery], { problem }).problems).toEqual([`call-log, call call-1: ${problem}`])
  })

  test('lets events of one call overtake each other, but not where order was promised', () => {
    const later = { ...delivery, content: { minutes: '2.0' } }
    const receipts = [{ content: { minutes: '2.0' } }, { id: 'delivery-2' }]
    expect(ledgerAfter([delivery, later], ...receipts).problems).toEqual([])
    const ordered = [delivery, later].map((expectation) => ({ ...expectation, isOrdered: true }))
    expect(ledgerAfter(ordered, ...receipts).problems).toHaveLength(2)
  })

  test('owes nothing for an event that was not accepted', () => {
    const ledger = new Ledger()
    ledger.expect([delivery])
    expect(ledger.owedTo('call-log')).toBe(1)
    ledger.withdraw([delivery])
    expect(ledger.lost()).toEqual([])
    expect(ledger.owedCount).toBe(0)
  })

  test('names the first 25 problems and counts the rest', () => {
    const ledger = new Ledger()
    for (let index = 1; index <= 26; index += 1) ledger.wrong(`problem ${index}`)
    expect(ledger.problems()).toHaveLength(26)
    expect(ledger.problems().slice(-2)).toEqual(['problem 25', 'and 1 more of this kind'])
  })
})

describe('the comparison of the three sides', () => {
  const carrier = { events: 2, deliveries: 3, invokes: 1 }
  const customers = {
    delivered: new Map([['call-log', 3]]),
    deliveredCount: 3,
    invokeCount: 1,
    duplicates: 0,
    refused: 0,
  }
  const stats: EngineStats = {
    atMs: 0,
    events: 2,
    delivered: 3,
    retries: 0,
    dead: 0,
    invokes: 1,
    pending: 0,
    inFlight: 0,
    openCircuits: 0,
    invokeP50Ms: 1,
    invokeP99Ms: 2,
  }
  const metrics = { delivered: new Map([['call-log', 3]]), overheadMs: new Map<string, number>() }

  test('is empty where all agree', () => {
    expect(compareSides(carrier, customers, stats, metrics)).toEqual([])
  })

  test.each<[Partial<EngineStats>, string]>([
    [{ events: 1 }, 'accepted events: the engine counts 1, the carrier was told 2'],
    [{ invokes: 2 }, 'invokes: the engine counts 2, the carrier made 1'],
    [{ pending: 1 }, 'still pending: the engine counts 1, expected 0'],
    [{ dead: 1 }, 'dead letters: the engine counts 1, expected 0'],
  ])('names what differs: %o', (difference, line) => {
    expect(compareSides(carrier, customers, { ...stats, ...difference }, metrics)).toEqual([line])
  })

  test('names the webhook whose server received less than the engine counts', () => {
    const less = { ...customers, delivered: new Map([['call-log', 2]]), deliveredCount: 2 }
    expect(compareSides(carrier, less, stats, metrics)).toEqual([
      'delivered: the engine counts 3, the customers have 2',
      'call-log: the engine counts 3 delivered, its server received 2',
    ])
  })
})

describe('what the demo reads', () => {
  test('metrics: deliveries by webhook and the mean of each stage in milliseconds', () => {
    const metrics = parseMetrics(`# HELP switchhook_deliveries_total What became of deliveries.
switchhook_deliveries_total{webhook="call-log",result="delivered"} 12
switchhook_deliveries_total{webhook="call-log",result="retried"} 3
switchhook_overhead_seconds_sum{stage="render"} 0.004
switchhook_overhead_seconds_count{stage="render"} 2
switchhook_overhead_seconds_sum{stage="queue"} 0
switchhook_overhead_seconds_count{stage="queue"} 0
`)
    expect(metrics.delivered).toEqual(new Map([['call-log', 12]]))
    expect(metrics.overheadMs).toEqual(new Map([['render', 2]]))
  })

  test('nested content as paths', () => {
    expect(flatten({ a: { b: [1, { c: null }] }, d: true })).toEqual({ 'a.b.0': 1, 'a.b.1.c': null, d: true })
    expect(readXml('<call id="007"><to>A &amp; B</to></call>')).toEqual({ 'call.@id': '007', 'call.to': 'A & B' })
  })

  test('no form with a parameter twice, and no XML that is not well-formed', () => {
    expect(() => readForm('a=1&a=2')).toThrow('the parameter a stands twice')
    expect(() => readXml('<a><b></a>')).toThrow('line 1 of the XML')
  })

  test('the example, with the address of each customer’s server in it', () => {
    const copy = withOrigins(
      'url: http://127.0.0.1:9080/balance/%source%?a=1',
      (path) => `http://127.0.0.1:${path.length}`,
    )
    expect(copy).toBe('url: http://127.0.0.1:9/balance/%source%?a=1')
    expect(() => withOrigins('webhooks: []', () => '')).toThrow('names no server')
  })
})

describe('the screen', () => {
  function written(output: { readonly isTTY: boolean; readonly columns: number }) {
    const texts: string[] = []
    const screen = new Screen({ ...output, write: (text) => texts.push(stripVTControlCharacters(text)) })
    screen.status('x'.repeat(200))
    screen.line('a line')
    return texts
  }

  test('keeps the live line under the others, within the width of the terminal', () => {
    const live = 'x'.repeat(79)
    expect(written({ isTTY: true, columns: 80 })).toEqual([`\r${live}`, `\ra line\n${live}`])
  })

  test('has no live line where nobody looks', () => {
    expect(written({ isTTY: false, columns: 80 })).toEqual(['a line\n'])
  })
})
