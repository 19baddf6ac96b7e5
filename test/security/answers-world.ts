/**
 * What the tables of hostile answers share: a whole engine with a webhook for each kind of answer, and a customer's server that
 * writes whatever bytes a row names. After each row the same connection, or a new one, must serve a harmless answer.
 */
import type { Socket } from 'node:net'
import { expect } from 'vitest'
import { parseConfig } from '../../src/config/load.ts'
import { startService } from '../../src/service.ts'
import type { Json } from '../e2e/world.ts'
import { answerOf, type RawServer, startServer } from '../transport/raw-server.ts'

/** How a webhook reads its answer; `status` and `short` have a response limit of 250 ms, where waiting is what is tested. */
export type Reading = 'message' | 'next-action' | 'variables' | 'redirect' | 'text' | 'status' | 'short'

/** One answer and what must come of it. */
export interface HostileAnswer {
  readonly name: string
  readonly reading: Reading
  /** Text is written as Latin-1, a byte a character; a function writes by itself. */
  readonly answer: string | Uint8Array | ((socket: Socket) => void)
  /** What the server does afterwards; default nothing. */
  readonly afterwards?: 'end'
  /** Members that the decision must have. */
  readonly decision: Readonly<Record<string, unknown>>
}

/** `backup` for a reason, with a detail that matches. */
export function refused(reason: string, detail: RegExp): Readonly<Record<string, unknown>> {
  return { kind: 'backup', reason, detail: expect.stringMatching(detail) }
}

/** The engine and the server of one table. */
export interface AnswerWorld extends AsyncDisposable {
  readonly server: RawServer
  /** What the engine wrote to its log as an error. */
  readonly errors: readonly string[]
  /** Has the row's answer given to an invoke; gives the decision. */
  decide(row: HostileAnswer): Promise<Json>
  /** A harmless exchange with the same server. */
  recovers(): Promise<void>
}

const ENGINE = 'listen: { port: 0 }\nnetwork: { allow: [127.0.0.0/8] }\nstore: { engine: memory }\nworkers: 0\n'

const WEBHOOKS: Readonly<Record<Reading, string>> = {
  message: 'answer: message',
  'next-action': 'answer: next-action',
  variables: 'answer: variables',
  redirect: 'answer: redirect',
  text: 'answer: variables, setVariable: said',
  status: 'answer: status, timeouts: { connect: 5s, response: 250ms }',
  short: 'answer: message, timeouts: { connect: 5s, response: 250ms }',
}

/** Starts both; one for a whole table, disposed of behind its last row. */
export async function startAnswers(): Promise<AnswerWorld> {
  let next: HostileAnswer | undefined
  const server = await startServer({
    onRequest: (socket) => {
      const row = next
      next = undefined
      if (row === undefined) socket.write(answerOf('harmless'))
      else write(socket, row)
    },
  })
  const webhooks = Object.entries(WEBHOOKS).map(
    ([id, keys]) => `  - { id: ${id}, profile: custom, url: "${server.endpoint.origin}/", circuit: off, ${keys} }`,
  )
  const text = `${ENGINE}webhooks:\n${webhooks.join('\n')}`
  const loaded = parseConfig(text, 'f', {})
  if (loaded.kind === 'refused') throw new Error(JSON.stringify(loaded.issues))
  const errors: string[] = []
  const log = {
    info: () => undefined,
    warn: () => undefined,
    error: (fields: object, line: string) => void errors.push(`${line} ${JSON.stringify(fields)}`),
  }
  const service = await startService({ config: loaded.config, version: '1.2.3', log })
  const invoke = async (webhook: Reading): Promise<Json> => {
    const answer = await fetch(`${service.url}/v1/webhooks/${webhook}/invoke`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{ "type": "call", "subject": "c" }',
    })
    const json: Json = await answer.json()
    expect({ status: answer.status, json }).toMatchObject({ status: 200 })
    return json.decision
  }
  return {
    server,
    errors,
    decide: async (row) => {
      next = row
      const decision = await invoke(row.reading)
      expect(next).toBeUndefined()
      return decision
    },
    recovers: async () => expect(await invoke('message')).toEqual({ kind: 'speak', text: 'harmless' }),
    [Symbol.asyncDispose]: async () => {
      await service.close(1000)
      await server[Symbol.asyncDispose]()
    },
  }
}

/** A whole answer of status 200 with these bytes as its body. */
export function withBody(body: string | Uint8Array, contentType = ''): Uint8Array {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  const type = contentType === '' ? '' : `content-type: ${contentType}\r\n`
  return Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${type}content-length: ${bytes.length}\r\n\r\n`), bytes])
}

/** Writes pieces until the other side is gone. */
export function pour(socket: Socket, piece: string): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(piece, 'latin1'));
  }
  socket.on('drain', more)
  more()
}

function write(socket: Socket, { answer, afterwards }: HostileAnswer): void {
  if (typeof answer === 'function') answer(socket)
  else if (typeof answer === 'string') socket.write(answer, 'latin1')
  else socket.write(answer)
  if (afterwards === 'end') socket.end()
}
