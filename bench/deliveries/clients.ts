/**
 * HTTP clients that send prepared bytes, from sockets without one over the barest to those that most services use. Each makes one
 * request a call and resolves nothing else than that the answer was read; what is not 200 fails.
 */
import { Agent as NodeAgent, request as nodeRequest } from 'node:http'
import axios from 'axios'
import { type Dispatcher, Pool, fetch as undiciFetch } from 'undici'
import { type ClientTarget, type PreparedRequest, REQUEST_PATH, type Send } from './prepared-request.ts'
import { socketClient } from './socket-client.ts'

/** What comes before all clients: see `socketClient`. */
export const SOCKETS = 'sockets, no HTTP client'

/** The limit, and the control: nothing of it is Switchhook's. */
export const LIMIT = 'undici Pool.dispatch'

/** Clients that are compared, as the report names them. */
export type ClientName = typeof SOCKETS | typeof LIMIT | 'undici request' | 'node:http' | 'fetch' | 'axios'

/** By their names. */
export const CLIENTS: Readonly<Record<ClientName, (target: ClientTarget) => Send>> = {
  [SOCKETS]: socketClient,
  [LIMIT]: dispatchClient,
  'undici request': requestClient,
  'node:http': nodeClient,
  fetch: fetchClient,
  axios: axiosClient,
}

function dispatchClient({ origin, connections }: ClientTarget): Send {
  const pool = new Pool(origin, { connections, pipelining: 1 })
  const free: ReusedHandler[] = []
  return (request, onEnd) => {
    const handler = free.pop() ?? new ReusedHandler((each) => free.push(each))
    handler.onEnd = onEnd
    // undici takes name and value in turn as well, which its types leave out of `readonly` arrays.
    const headers = request.fields as string[]
    pool.dispatch({ path: REQUEST_PATH, method: 'POST', headers, body: request.body }, handler)
  }
}

/** One object for many requests, since at this rate even that is measured. */
class ReusedHandler implements Dispatcher.DispatchHandler {
  onEnd: (error: Error | undefined) => void = () => undefined
  readonly #giveBack: (handler: ReusedHandler) => void
  #status = 0

  constructor(giveBack: (handler: ReusedHandler) => void) {
    this.#giveBack = giveBack
  }

  onRequestStart(): void {
    this.#status = 0
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    this.#status = status
  }

  onResponseData(): void {
    // The answer's body is nobody's concern; reading it frees the connection.
  }

  onResponseEnd(): void {
    const { onEnd } = this
    this.#giveBack(this)
    onEnd(problemOf(this.#status))
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.onEnd(error)
  }
}

function requestClient({ origin, connections }: ClientTarget): Send {
  const pool = new Pool(origin, { connections, pipelining: 1 })
  const send = async ({ headers, body }: PreparedRequest): Promise<Error | undefined> => {
    const answer = await pool.request({ path: REQUEST_PATH, method: 'POST', headers, body })
    await answer.body.text()
    return problemOf(answer.statusCode)
  }
  return (request, onEnd) => void send(request).then(onEnd, onEnd)
}

function nodeClient({ origin, connections }: ClientTarget): Send {
  const agent = new NodeAgent({ keepAlive: true, maxSockets: connections })
  const url = new URL(REQUEST_PATH, origin)
  return ({ headers, body }, onEnd) => {
    const fields = { ...headers, 'content-length': String(body.length) }
    const request = nodeRequest(url, { agent, method: 'POST', headers: fields }, (response) => {
      response.resume()
      response.on('end', () => onEnd(problemOf(response.statusCode ?? 0)))
    })
    request.on('error', onEnd)
    request.end(body)
  }
}

function fetchClient({ origin, connections }: ClientTarget): Send {
  const dispatcher = new Pool(origin, { connections, pipelining: 1 })
  const url = new URL(REQUEST_PATH, origin)
  const send = async ({ headers, body }: PreparedRequest): Promise<Error | undefined> => {
    const answer = await undiciFetch(url, { method: 'POST', headers, body, dispatcher })
    await answer.text()
    return problemOf(answer.status)
  }
  return (request, onEnd) => void send(request).then(onEnd, onEnd)
}

function axiosClient({ origin, connections }: ClientTarget): Send {
  const httpAgent = new NodeAgent({ keepAlive: true, maxSockets: connections })
  const client = axios.create({ httpAgent, proxy: false, timeout: 10_000 })
  const url = new URL(REQUEST_PATH, origin).href
  const send = async ({ headers, body }: PreparedRequest): Promise<Error | undefined> => {
    const answer = await client.post(url, body, { headers })
    return problemOf(answer.status)
  }
  return (request, onEnd) => void send(request).then(onEnd, onEnd)
}

function problemOf(status: number): Error | undefined {
  return status === 200 ? undefined : new Error(`the receiver answered ${status}`)
}
