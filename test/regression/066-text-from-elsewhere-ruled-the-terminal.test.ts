/**
 * A problem's words were printed as they came, escapes included; 8-bit control characters went through JSON, and what turns the
 * direction of writing about through everything. Whatever comes from elsewhere is shown without what rules a terminal.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { callText } from '../../src/cli/call-text.ts'
import { deliveryRow, deliveryText } from '../../src/cli/delivery-text.ts'
import { happeningLine } from '../../src/cli/happening-line.ts'
import { cut, jsonText, manyLines, oneLine, tableOf } from '../../src/cli/output.ts'
import type { Delivery } from '../../src/client/client.ts'
import { runCommand } from '../cli/run-command.ts'
import { Receiver } from '../worker/receiver.ts'

/** An escape, a bell, an 8-bit escape, a line end that is none of ours, and four that turn text about. */
const EVIL = 'a\u001b[31m\u0007\u009b1m\u2028\u202e\u2066\u061c\u200fz'
const RULING = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u

const DELIVERY: Delivery = {
  id: EVIL,
  webhook: EVIL,
  account: EVIL,
  event: { id: EVIL, source: EVIL, type: EVIL, subject: EVIL },
  state: 'dead',
  acceptedAt: '2026-11-21T08:00:00.000Z',
  attempts: [
    {
      time: '2026-11-21T08:00:00.000Z',
      attempt: 1,
      durationMs: 1,
      result: 'failure',
      status: 500,
      reason: 'status',
      error: EVIL,
      answer: EVIL,
      phases: {},
    },
  ],
}
/** Any text, most of it of what can rule a terminal. */
const TEXT = fc.string({
  unit: fc.oneof(
    fc.constantFrom(...EVIL, '\n', '\t', '\ud83d', '😀'),
    fc.nat(0x9f).map((code) => String.fromCodePoint(code)),
  ),
})

const TIME = '2026-11-21T08:00:00.000Z'

describe('shown without what rules a terminal is', () => {
  test.each([
    ['a delivery', () => deliveryText(DELIVERY)],
    ['a row of the table', () => tableOf([deliveryRow(DELIVERY)])],
    ['a delivery as it happens', () => happeningLine({ kind: 'delivery', time: TIME, ...DELIVERY })],
    [
      'an event as it happens',
      () => happeningLine({ kind: 'event', time: TIME, account: EVIL, deliveries: 0, ...DELIVERY.event }),
    ],
    [
      'the story of a call',
      () =>
        callText({
          subject: EVIL,
          account: EVIL,
          context: { [EVIL]: EVIL },
          entries: [
            { kind: 'event', time: TIME, id: EVIL, source: EVIL, type: EVIL, data: { [EVIL]: EVIL }, context: {} },
            {
              kind: 'delivery',
              time: TIME,
              ...DELIVERY,
              request: { method: 'POST', url: EVIL, headers: { a: EVIL }, body: EVIL },
            },
          ],
          next: null,
        }),
    ],
  ])('%s', (_what, text) => {
    const shown = text()
    expect(shown).toContain('a·[31m··1m')
    expect(shown.replaceAll('\n', '')).not.toMatch(RULING)
  })

  test('any text, which loses nothing else', () => {
    fc.assert(
      fc.property(TEXT, (text) => {
        expect(oneLine(text)).not.toMatch(RULING)
        expect(manyLines(text).replaceAll(/[\n\t]/g, '')).not.toMatch(RULING)
        expect(oneLine(text)).toHaveLength(text.length)
      }),
    )
  })

  test('any JSON, which a program reads as it was', () => {
    fc.assert(
      fc.property(fc.dictionary(TEXT, fc.array(TEXT)), (value) => {
        expect(jsonText(value)).not.toMatch(RULING)
        expect(JSON.parse(jsonText(value))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })
})

test.each([['deliveries'], ['tail'], ['send', '-'], ['activate', 'crm']])(
  'a problem of any server: switchhook %s',
  async (...args) => {
    await using server = await Receiver.start()
    const problem = { title: EVIL, detail: EVIL, errors: [{ path: EVIL, detail: EVIL }] }
    server.answer = (_, response) => response.writeHead(400).end(JSON.stringify(problem))
    const { status, stdout, stderr } = await runCommand([...args, '--url', server.origin], { input: '{}' })
    expect(status).toBe(1)
    expect(stderr).toContain('a·[31m··1m')
    expect((stdout + stderr).replaceAll('\n', '')).not.toMatch(RULING)
  },
)

test('a word of the command line that comes from elsewhere', async () => {
  const { status, stderr } = await runCommand(['stats', `--${EVIL}`])
  expect(status).toBe(2)
  expect(stderr.replaceAll('\n', '')).not.toMatch(RULING)
})

test('a cut text ends with a whole character', () => {
  expect(cut('ab😀', 4)).toBe('ab😀')
  expect(cut('ab😀c', 4)).toBe('ab…')
  expect(cut('abcde', 4)).toBe('abc…')
})
