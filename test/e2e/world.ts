/**
 * A whole Switchhook for tests, over real sockets: started from configuration text on a free port, ended with the test.
 */
import { onTestFinished } from 'vitest'
import type { EngineConfig } from '../../src/config/engine-config.ts'
import { parseConfig } from '../../src/config/load.ts'
import { type Service, startService } from '../../src/service.ts'

/** What the engine wrote to its log, by level. */
export interface Logged {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly fields: object
  readonly message: string
}

/** A running service and how tests talk to it. */
export interface World {
  readonly service: Service
  readonly url: string
  readonly logged: readonly Logged[]
  /** Posts JSON and gives the answer's JSON. */
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<{ status: number; json: Json }>
  get(path: string): Promise<{ status: number; json: Json }>
  /** Puts another configuration into force; gives the keys that wait for the next start. */
  reload(yaml: string): Promise<readonly string[]>
}

/** Whatever JSON came; tests compare it, and never trust its shape. */
// biome-ignore lint/suspicious/noExplicitAny: answers are compared with toMatchObject, which needs no types
export type Json = any

/**
 * Starts a service with `yaml`, to which a port (any free one unless given), a store in memory unless it names another, and
 * leave for loopback addresses are added.
 */
export async function startWorld(
  yaml: string,
  environment: Readonly<Record<string, string>> = {},
  port = 0,
): Promise<World> {
  const configOf = (own: string): EngineConfig => {
    const store = /^store:/m.test(own) ? '' : 'store: { engine: memory }\n'
    const text = `listen: { port: ${port} }\nnetwork: { allow: [127.0.0.0/8] }\n${store}${own}`
    const loaded = parseConfig(text, 'test.yaml', environment)
    if (loaded.kind === 'loaded') return loaded.config
    throw new Error(loaded.issues.map(({ path, message }) => `${path}: ${message}`).join('\n'))
  }
  const logged: Logged[] = []
  const log = {
    level: 'info',
    debug: (fields: object, message: string) => logged.push({ level: 'debug', fields, message }),
    info: (fields: object, message: string) => logged.push({ level: 'info', fields, message }),
    warn: (fields: object, message: string) => logged.push({ level: 'warn', fields, message }),
    error: (fields: object, message: string) => logged.push({ level: 'error', fields, message }),
  }
  const service = await startService({ config: configOf(yaml), version: '1.2.3', log })
  onTestFinished(() => service.close(1000))
  const read = async (response: Response) => ({ status: response.status, json: await response.json() })
  return {
    service,
    url: service.url,
    logged,
    post: async (path, body, headers = {}) =>
      read(
        await fetch(`${service.url}${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: typeof body === 'string' ? body : JSON.stringify(body),
        }),
      ),
    get: async (path) => read(await fetch(`${service.url}${path}`)),
    reload: (next) => service.reload(configOf(next)),
  }
}
