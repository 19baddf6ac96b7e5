/** Lines of the log for people: what they look like, and that nothing in them rules the terminal. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createLog } from '../../src/logging/log.ts'
import { prettyLine } from '../../src/logging/pretty.ts'

const plain = (_style: string, text: string): string => text
const TIME = '2026-11-21T08:00:00.123Z'

describe('a line is time of day, level, message and fields', () => {
  test.each([
    [{ level: 30, time: TIME, msg: 'stopping' }, '08:00:00.123 INFO  stopping\n'],
    [{ level: 20, time: TIME, msg: 'a' }, '08:00:00.123 DEBUG a\n'],
    [{ level: 40, time: TIME, webhook: 'crm', msg: 'held' }, '08:00:00.123 WARN  held webhook=crm\n'],
    [
      { level: 50, time: TIME, detail: 'no room', count: 3, msg: 'x' },
      '08:00:00.123 ERROR x detail="no room" count=3\n',
    ],
    [{ level: 30, time: TIME, empty: '', list: ['a', 1], msg: 'x' }, '08:00:00.123 INFO  x empty="" list=["a",1]\n'],
    [{ level: 30, time: TIME, text: 'a=b', quote: '"', msg: 'x' }, '08:00:00.123 INFO  x text="a=b" quote="\\""\n'],
    [{ level: 35, time: TIME, msg: 'x' }, '08:00:00.123 35    x\n'],
  ])('%j', (entry, line) => expect(prettyLine(JSON.stringify(entry), plain)).toBe(line))

  test('the stack of an error stands below it', () => {
    const error = { type: 'Error', message: 'no', stack: 'Error: no\n    at a (f:1:2)\n    at b' }
    expect(prettyLine(JSON.stringify({ level: 50, time: TIME, error, msg: 'broken' }), plain)).toBe(
      '08:00:00.123 ERROR broken error={"type":"Error","message":"no"}\n    at a (f:1:2)\n    at b\n',
    )
  })

  test('what is no JSON is shown as it is', () => {
    expect(prettyLine('oh\u001b[2J\n', plain)).toBe('oh·[2J\n')
    expect(prettyLine('5\n', plain)).toBe('5\n')
  })
})

test('levels have colours, and fields are quiet', () => {
  const styled = (style: string, text: string): string => `<${style}:${text}>`
  expect(prettyLine(JSON.stringify({ level: 40, time: TIME, a: 1, msg: 'm' }), styled)).toBe(
    '<dim:08:00:00.123> <yellow:WARN > m <dim:a=>1\n',
  )
})

test('it is as masked as the JSON that it is made of', () => {
  let shown = ''
  const log = createLog({ write: (line) => (shown += prettyLine(line, plain)) })
  log.hide(['hunter22'])
  log.error({ url: 'https://u:p@h/?key=1', token: 'abc', error: new Error('hunter22') }, 'call from 5551234567')
  expect(shown).toContain('call from ***67 url=https://[masked]@h/?[masked] token=[masked]')
  expect(shown).not.toMatch(/hunter22|abc|5551234/)
})

test('no text of a line rules the terminal', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (name, text) => {
      const entry = { level: 30, time: TIME, [`_${name}`]: text, deep: { text }, msg: text }
      const [line = '', ...rest] = prettyLine(JSON.stringify(entry), plain).split('\n')
      expect(rest).toEqual([''])
      expect(line).not.toMatch(/\p{Cc}/u)
    }),
  )
})
