/** A service with an API to manage, and how the tests of the management talk to it. */
import { type Json, startWorld, type World } from '../e2e/world.ts'

/** An answer with what conditions are made of. */
export interface Answer {
  readonly status: number
  readonly json: Json
  readonly headers: Headers
}

/** What a request can have beside its body. */
export interface Asked {
  readonly token?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** A world in which things are managed. */
export interface ManagedWorld extends World {
  ask(method: string, path: string, body?: unknown, asked?: Asked): Promise<Answer>
}

/** Starts a service without threads; the rest as {@link startWorld} does. */
export async function startManaged(
  yaml: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<ManagedWorld> {
  const world = await startWorld(`workers: 0\n${yaml}`, environment)
  return { ...world, ask: (...parameters) => ask(world.url, ...parameters) }
}

/** Asks an engine at `url`. */
export async function ask(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  { token, headers = {} }: Asked = {},
): Promise<Answer> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
  })
  const text = await response.text()
  return { status: response.status, json: text === '' ? undefined : JSON.parse(text), headers: response.headers }
}

/** A webhook that is sent each ended call. */
export function feed(url: string, more: object = {}): object {
  return { profile: 'custom', on: ['call.end'], url, body: '%callid%', circuit: 'off', ...more }
}

/** An ended call. */
export function endOf(call: string): object {
  return { id: call, type: 'call.end', subject: call, data: { callid: call } }
}
