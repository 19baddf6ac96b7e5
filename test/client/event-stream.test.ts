/** Server-sent events as they are read: whatever the pieces are that they come in, whatever ends their lines. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EventStreamParser, type ServerSentEvent } from '../../src/client/event-stream.ts'

function parse(...pieces: readonly string[]): readonly ServerSentEvent[] {
  const parser = new EventStreamParser()
  return pieces.flatMap((piece) => parser.push(piece))
}

describe('a stream of events', () => {
  const rows: readonly [title: string, text: string, messages: readonly ServerSentEvent[]][] = [
    ['a message', 'event: a\ndata: 1\n\n', [{ event: 'a', data: '1' }]],
    ['a message without a name', 'data: 1\n\n', [{ event: 'message', data: '1' }]],
    ['a message of two lines', 'data: 1\ndata: 2\n\n', [{ event: 'message', data: '1\n2' }]],
    [
      'a message with no space and one with two',
      'data:1\n\ndata:  2\n\n',
      [
        { event: 'message', data: '1' },
        { event: 'message', data: ' 2' },
      ],
    ],
    ['a message with an empty line of data', 'data\n\n', [{ event: 'message', data: '' }]],
    ['a heartbeat', ':\n\n', []],
    ['a remark within a message', 'data: 1\n: still here\n\n', [{ event: 'message', data: '1' }]],
    ['a name without data', 'event: a\n\ndata: 1\n\n', [{ event: 'message', data: '1' }]],
    [
      'a name that does not last',
      'event: a\ndata: 1\n\ndata: 2\n\n',
      [
        { event: 'a', data: '1' },
        { event: 'message', data: '2' },
      ],
    ],
    ['fields that mean nothing here', 'id: 7\nretry: 5\nother: x\ndata: 1\n\n', [{ event: 'message', data: '1' }]],
    ['a message that has not ended', 'data: 1\n', []],
    ['carriage returns', 'event: a\rdata: 1\r\r', []],
    ['both line ends', 'event: a\r\ndata: 1\r\n\r\n', [{ event: 'a', data: '1' }]],
  ]
  test.each(rows)('with %s', (_title, text, messages) => {
    expect(parse(text)).toEqual(messages)
  })

  test('a carriage return alone ends a line once it is sure that no line feed follows', () => {
    expect(parse('data: 1\r\r')).toEqual([])
    expect(parse('data: 1\r\r', 'data: 2\r\r\n').map(({ data }) => data)).toEqual(['1', '2'])
    expect(parse('data: 1\r', '\n\r', '\n')).toEqual([{ event: 'message', data: '1' }])
  })

  test('is the same in pieces of any length', () => {
    const lines = fc.constantFrom('data: 1', 'data:x y', 'event: a', ':', '', 'id: 3', 'data')
    const ends = fc.constantFrom('\n', '\r\n', '\r')
    const texts = fc.array(fc.tuple(lines, ends)).map((all) => `${all.map((pair) => pair.join('')).join('')}:\n`)
    fc.assert(
      fc.property(texts, fc.array(fc.nat(200)), (text, cuts) => {
        const at = [...cuts.map((cut) => cut % (text.length + 1)), 0, text.length].sort((a, b) => a - b)
        const pieces = at.slice(1).map((end, index) => text.slice(at[index], end))
        expect(parse(...pieces)).toEqual(parse(text))
      }),
    )
  })
})
