/**
 * The engine's own listeners, with every range allowed: a webhook that leads to the engine's API would be a loop, and a way round its
 * tokens. Whatever spelling or address of this machine is used, nothing arrives.
 */
import { type AddressInfo, createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { describe, expect, test } from 'vitest'
import { Transport } from '../../src/transport/transport.ts'
import { outcomeOf } from './hostile-url.ts'

const EVERYTHING = ['0.0.0.0/0', '::/0']

/** Addresses of this machine's network cards. */
const OWN_ADDRESSES = Object.values(networkInterfaces())
  .flatMap((entries) => entries ?? [])
  .filter(({ scopeid }) => scopeid === undefined || scopeid === 0)
  .map(({ address, family }) => (family === 'IPv6' ? `[${address}]` : address))

const OF_LOOPBACK = [
  '127.0.0.1',
  '127.1',
  '2130706433',
  '0x7f.1',
  '127.0.0.1.',
  '[::ffff:127.0.0.1]',
  '0.0.0.0',
  '0',
  '[::]',
  'localhost',
]

const CASES: readonly (readonly [listening: string, hosts: readonly string[]])[] = [
  ['127.0.0.1', OF_LOOPBACK],
  ['::1', ['[::1]', '[0:0:0:0:0:0:0:1]', '[::]', '0.0.0.0']],
  ['0.0.0.0', [...OF_LOOPBACK, '127.0.0.2', '127.255.255.254', '[::1]', ...OWN_ADDRESSES]],
  ['::', [...OF_LOOPBACK, '127.0.0.2', '[::1]', '[::ffff:127.0.0.9]', ...OWN_ADDRESSES]],
]

describe('The engine’s own listener', () => {
  test.each(CASES)('on %s is reached by no address and no spelling of this machine', async (listening, hosts) => {
    let accepted = 0
    const listener = createServer((socket) => {
      accepted += 1
      socket.destroy()
    })
    await new Promise<void>((resolve) => listener.listen(0, listening, resolve))
    const { port } = listener.address() as AddressInfo
    await using transport = new Transport({
      maxConnectionsPerEndpoint: 4,
      refusedListeners: [{ address: listening, port }],
    })
    for (const host of hosts) {
      const outcome = await outcomeOf(`http://${host}:${port}/v1/events`, transport, EVERYTHING)
      // Where localhost has an address of either family, the other is no listener, and nobody is there.
      const expected =
        host === 'localhost'
          ? /^(?:address-refused|connection): /
          : /^address-refused: .* is a listener of this engine$/
      expect([host, outcome]).toEqual([host, expect.stringMatching(expected)])
    }
    expect(accepted).toBe(0)
    await new Promise<void>((resolve) => listener.close(() => resolve()))
  })
})
