/**
 * Makes an Express application listen on a free port.
 */
import { once } from 'node:events'
import type express from 'express'

/** Resolves with its origin; rejects where it can't listen. */
export async function expressOrigin(app: ReturnType<typeof express>): Promise<string> {
  const listening = Promise.withResolvers<void>()
  const server = app.listen(0, '127.0.0.1', listening.resolve)
  await Promise.race([listening.promise, once(server, 'error')])
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the service has no port')
  return `http://127.0.0.1:${address.port}`
}
