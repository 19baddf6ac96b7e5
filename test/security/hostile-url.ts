/**
 * What comes of a URL that a customer enters: the configuration refuses it, or a request is really tried over sockets. Beside it
 * stand servers on this machine that must never hear of it.
 */
import { type AddressInfo, createServer } from 'node:net'
import { formatIssue } from '../../src/config/issues.ts'
import { parseConfig } from '../../src/config/load.ts'
import type { Transport } from '../../src/transport/transport.ts'
import { exchange } from '../transport/raw-server.ts'

/** Ends in one line: `mistake: …` where the configuration refuses the URL, else reason and detail, or the status. */
export async function outcomeOf(url: string, transport: Transport, allow: readonly string[] = []): Promise<string> {
  const text = JSON.stringify({
    store: { engine: 'memory' },
    webhooks: [{ id: 'a', profile: 'custom', url, network: { allow } }],
  })
  const loaded = parseConfig(text, 'f', {})
  if (loaded.kind === 'refused') return `mistake: ${loaded.issues.map(formatIssue).join('; ')}`
  const endpoint = loaded.config.webhooks[0]?.endpoint
  if (endpoint === undefined) return 'mistake: there is no webhook'
  const result = await exchange(transport, endpoint, { connectTimeoutMs: 2000, responseTimeoutMs: 2000 })
  return result.kind === 'answered' ? `answered ${result.status}` : `${result.reason}: ${result.detail}`
}

/** Servers at the same port of several addresses of this machine, which take every connection and count it. */
export interface Canary extends AsyncDisposable {
  readonly port: number
  /** Connections that were made to them. */
  accepted(): number
}

/** Starts a {@link Canary}; port 0 takes any free one. */
export async function startCanary(
  port = 0,
  [host = '127.0.0.1', ...more]: readonly string[] = ['127.0.0.1', '127.0.0.2', '::1'],
): Promise<Canary> {
  let accepted = 0
  const listen = async (at: string, atPort: number) => {
    const server = createServer((socket) => {
      accepted += 1
      socket.destroy()
    })
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(atPort, at, resolve))
    return server
  }
  const first = await listen(host, port)
  const { port: takenPort } = first.address() as AddressInfo
  const others = await Promise.all(more.map((each) => listen(each, takenPort)))
  return {
    port: takenPort,
    accepted: () => accepted,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([first, ...others].map((server) => new Promise<void>((done) => server.close(() => done()))))
    },
  }
}
