/**
 * `switchhook sink`: a customer's server to try things with. It prints what comes, and answers as it is told.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { messageOf, SwitchhookError } from '../errors.ts'
import type { LoadedCommand } from './command.ts'
import { defineCommand } from './command-line.ts'
import { clockText, complain, manyLines, oneLine, paint, print, printJson } from './output.ts'

const DEFAULT_PORT = 9099

/** Longer than any webhook may take (5 s), so that every limit can be tried. */
const MOST_DELAY_MS = 60_000

/** Statuses to which no body belongs (RFC 9110, 6.4.1). */
const WITHOUT_BODY: readonly number[] = [204, 205, 304]

/** Listens until a signal comes. */
export const command: LoadedCommand = defineCommand(
  {
    name: 'sink',
    forms: [
      'sink [--port PORT] [--host HOST] [--status STATUS] [--delay DURATION] [--body TEXT] [--type TYPE] [--json]',
    ],
    about: 'Listens for webhooks, prints each request and answers it. Ends at Ctrl-C.',
    words: [],
    options: {
      port: {
        kind: 'number',
        value: 'PORT',
        least: 0,
        most: 65_535,
        help: `where it listens; 0: any free port. Default ${DEFAULT_PORT}`,
      },
      host: { kind: 'text', value: 'HOST', help: 'default 127.0.0.1, which only this machine reaches' },
      status: { kind: 'number', value: 'STATUS', least: 200, most: 599, help: 'of every answer; default 200' },
      delay: { kind: 'duration', value: 'DURATION', mostMs: MOST_DELAY_MS, help: 'before every answer: 800ms, 3s' },
      body: { kind: 'text', value: 'TEXT', help: 'of every answer; default: none' },
      type: { kind: 'text', value: 'TYPE', help: "the body's content type; default: JSON, XML or text as it begins" },
      json: { kind: 'flag', help: 'each request as one JSON object a line' },
    },
    notes: 'The configuration needs network: { allow: [127.0.0.0/8] } for webhooks to this machine.',
    example: `sink --status 500 --delay 200ms`,
  },
  async ({ options }) => {
    const { port = DEFAULT_PORT, host = '127.0.0.1', status = 200, delay = 0, body = '', type, json } = options
    const contentType = type ?? typeOf(body)
    if (!/^[\t\x20-\x7E]*$/.test(contentType)) {
      throw new SwitchhookError('usage', '--type: a content type such as application/json is expected')
    }
    const server = createServer((request, response) => {
      takeIn(request, json, status)
        // The server keeps the process alive; an answer that is still waiting at its end need not.
        .then(() => wait(delay, undefined, { ref: false }))
        .then(() => answer(response, status, body, contentType))
        .catch((error: unknown) => complain(`a request broke off: ${messageOf(error)}`))
    })
    const url = await listen(server, host, port)
    const ending = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
    const told = `listening at ${url}`
    if (json) complain(told)
    else print(told)
    await ending
    server.close()
    server.closeAllConnections()
    return 0
  },
)

async function listen(server: Server, host: string, port: number): Promise<string> {
  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (error) {
    throw new SwitchhookError('usage', `can't listen: ${messageOf(error)}; choose another --port or --host`, {
      cause: error,
    })
  }
  const address = server.address()
  const ownPort = typeof address === 'object' && address !== null ? address.port : port
  return `http://${host.includes(':') ? `[${host}]` : host}:${ownPort}`
}

async function takeIn(request: IncomingMessage, isJson: boolean, status: number): Promise<void> {
  const { method = '', url = '', headers } = request
  const time = new Date().toISOString()
  const body = (await buffer(request)).toString()
  if (isJson) {
    printJson({ time, method, url, headers, body, status })
    return
  }
  const fields = Object.entries(headers).map(
    ([name, value]) => `  ${paint('quiet', `${name}:`)} ${oneLine(String(value))}`,
  )
  const head = `${paint('quiet', clockText(time))} ${paint('heading', `${method} ${oneLine(url)}`)} ${status}`
  const lines =
    body === ''
      ? []
      : [
          '',
          ...manyLines(body)
            .trimEnd()
            .split('\n')
            .map((line) => `  ${line}`),
        ]
  print([head, ...fields, ...lines, ''].join('\n'))
}

function answer(response: ServerResponse, status: number, body: string, contentType: string): void {
  if (WITHOUT_BODY.includes(status) || body === '') response.writeHead(status).end()
  else response.writeHead(status, { 'content-type': contentType }).end(body)
}

/** What a body is, by its first character. */
function typeOf(body: string): string {
  const [first] = body.trimStart()
  if (first === '{' || first === '[') return 'application/json'
  return first === '<' ? 'application/xml' : 'text/plain; charset=utf-8'
}
