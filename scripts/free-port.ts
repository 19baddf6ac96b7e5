/** A port for a program that can't be told to take any and say which. Used by the newcomer's path, the benches and tests. */
import { once } from 'node:events'
import { createServer } from 'node:net'

/** A port of the loopback address on which nobody listens now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('there is no free port')
  return address.port
}
