/** `switchhook sink` as a process: what it answers, and what it prints of the requests. */
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { Receiver } from '../worker/receiver.ts'
import { runCommand, startCommand } from './run-command.ts'

/** A sink that listens; `end` stops it and gives the rest of what it printed. */
async function startSink(...args: readonly string[]) {
  const child = startCommand(['sink', '--port', '0', ...args])
  const exited = once(child, 'exit')
  const [told, printed] = args.includes('--json') ? [child.stderr, child.stdout] : [child.stdout, child.stdout]
  let url = ''
  if (told === printed) {
    let first = ''
    while (!first.includes('\n')) first += String((await once(told, 'data'))[0])
    url = first.replace(/^listening at /, '').trim()
  } else {
    for await (const line of createInterface(told)) {
      url = line.replace(/^listening at /, '')
      break
    }
  }
  const rest = text(printed)
  const end = async (): Promise<{ status: number | null; printed: string }> => {
    child.kill('SIGINT')
    await exited
    return { status: child.exitCode, printed: await rest }
  }
  return { url, end }
}

describe('switchhook sink', () => {
  test('prints what comes, and answers 200', async () => {
    const sink = await startSink()
    const response = await fetch(`${sink.url}/leads?key=k1`, {
      method: 'PUT',
      body: 'a\u001b[31mb\nc',
      headers: { 'x-a': '1' },
    })
    expect({ status: response.status, body: await response.text() }).toEqual({ status: 200, body: '' })
    const { status, printed } = await sink.end()
    expect(status).toBe(0)
    expect(printed).toMatch(/^\d\d:\d\d:\d\d\.\d{3}Z PUT \/leads\?key=k1 200\n/)
    expect(printed).toContain('  x-a: 1\n')
    expect(printed).toContain('\n\n  a·[31mb\n  c\n')
  })

  test('answers as it is told, and prints JSON', async () => {
    const sink = await startSink('--json', '--status', '503', '--delay', '20ms', '--body', '<a/>')
    const response = await fetch(sink.url, { method: 'POST', body: '{"a":1}' })
    expect(response.headers.get('content-type')).toBe('application/xml')
    expect({ status: response.status, body: await response.text() }).toEqual({ status: 503, body: '<a/>' })
    const { printed } = await sink.end()
    expect(JSON.parse(printed)).toMatchObject({ method: 'POST', url: '/', body: '{"a":1}', status: 503 })
  })

  test.each([
    ['{"a":1}', 'application/json'],
    ['[1]', 'application/json'],
    ['hello', 'text/plain; charset=utf-8'],
  ])('a body %s is of the type %s', async (body, type) => {
    const sink = await startSink('--body', body)
    expect((await fetch(sink.url)).headers.get('content-type')).toBe(type)
    await sink.end()
  })

  test('gives no body with a status that has none, and the type that it is told', async () => {
    const none = await startSink('--status', '204', '--body', 'x')
    expect((await fetch(none.url)).status).toBe(204)
    await none.end()
    const typed = await startSink('--type', 'text/x-ini', '--body', 'a=1')
    expect((await fetch(typed.url)).headers.get('content-type')).toBe('text/x-ini')
    await typed.end()
  })

  test('ends at once, whoever still waits for an answer', async () => {
    const sink = await startSink('--delay', '60s')
    const waiting = fetch(sink.url).then(
      () => 'answered',
      () => 'broken off',
    )
    await fetch(sink.url, { signal: AbortSignal.timeout(200) }).catch(() => undefined)
    expect((await sink.end()).status).toBe(0)
    expect(await waiting).toBe('broken off')
  }, 20_000)

  test('says that a port is taken', async () => {
    await using receiver = await Receiver.start()
    expect(await runCommand(['sink', '--port', new URL(receiver.origin).port])).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/can't listen: .*EADDRINUSE.*; choose another --port/),
    })
  })

  test.each([[['--status', '199']], [['--status', '600']], [['--delay', '61s']], [['--port', '65536']], [['8080']]])(
    '%j is no use of it',
    async (args) => {
      expect((await runCommand(['sink', ...args])).status).toBe(2)
    },
  )
})
