/**
 * An egress proxy of the tests' own: answers CONNECT by connecting and copying bytes in both directions, or however a case says.
 * Written on bare sockets, so that it shows what was really asked of it.
 */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'

/** A proxy that is listening on 127.0.0.1. */
export interface ProxyServer extends AsyncDisposable {
  readonly port: number
  /** The heads of all CONNECT requests. */
  readonly heads: readonly string[]
  /** Connections that are open now. */
  readonly sockets: ReadonlySet<Socket>
  accepted(): number
  /** Resolves when no connection is open. */
  empty(): Promise<void>
}

/** What is done with a CONNECT instead of connecting; `connect` says that it is to be done after all. */
export type OnConnect = (client: Socket, index: number) => 'connect' | undefined

/** Starts a proxy; `tls` makes it one that is spoken to in TLS. */
export async function startProxy(onConnect: OnConnect = () => 'connect', tls?: TlsOptions): Promise<ProxyServer> {
  const heads: string[] = []
  const sockets = new Set<Socket>()
  const watchers = new Set<() => void>()
  let accepted = 0
  const onSocket = (client: Socket) => {
    accepted += 1
    sockets.add(client)
    client.on('error', () => client.destroy())
    client.once('close', () => {
      sockets.delete(client)
      for (const watcher of watchers) watcher()
    })
    client.once('data', (chunk: Buffer) => {
      heads.push(chunk.toString('latin1'))
      if (onConnect(client, heads.length - 1) === 'connect') copy(client, chunk.toString('latin1'))
    })
  }
  const server = tls === undefined ? createServer(onSocket) : createTlsServer(tls, onSocket)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    heads,
    sockets,
    accepted: () => accepted,
    empty: () =>
      new Promise((resolve) => {
        const check = () => {
          if (sockets.size === 0) resolve()
        }
        watchers.add(check)
        check()
      }),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

function copy(client: Socket, head: string): void {
  const [, host = '', port = ''] = /^CONNECT \[?([^\]\s]+?)\]?:(\d+) HTTP\/1\.1\r\n/.exec(head) ?? []
  const target = connect(Number(port), host)
  client.once('close', () => target.destroy())
  target.once('close', () => client.destroy())
  target.once('connect', () => {
    client.write('HTTP/1.1 200 Connection established\r\n\r\n')
    client.pipe(target)
    target.pipe(client)
  })
  target.on('error', () => void client.end('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n'))
}
