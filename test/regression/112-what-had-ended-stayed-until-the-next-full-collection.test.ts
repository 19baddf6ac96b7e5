/**
 * Deliveries in flight stood in a `Map`, whose tables, once one of them was old, kept every delivery that had ended until the next
 * full collection: each was copied twice on the way there, and the main thread stood still for it. So did the last answered request
 * of each connection.
 */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { getHeapSpaceStatistics } from 'node:v8'
import { expect, onTestFinished, test } from 'vitest'
import { Connections } from '../../src/ingress/http/connections.ts'
import { TransientMap } from '../../src/model/transient-map.ts'
import { collectGarbage } from '../setup/collect-garbage.ts'

const IN_FLIGHT = 300
const PASSING = 150_000
const BYTES = 1000

interface Kept<V> {
  set(key: string, value: V): unknown
  delete(key: string): boolean
}

function oldBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name: name }) => name === 'old_space')?.space_used_size ?? Number.NaN
}

/** Most bytes that became old while deliveries passed through a map that is old itself. */
function bytesThatBecameOld(map: Kept<{ readonly payload: string }>): number {
  const payload = Buffer.alloc(BYTES, 'x')
  const pass = (first: number, count: number): void => {
    for (let number = first; number < first + count; number += 1) {
      map.set(`delivery-${number}`, { payload: payload.toString('latin1') })
      map.delete(`delivery-${number - IN_FLIGHT}`)
    }
  }
  pass(0, 2000)
  collectGarbage()
  const before = oldBytes()
  let most = 0
  for (let first = 2000; first < PASSING; first += 1000) {
    pass(first, 1000)
    most = Math.max(most, oldBytes() - before)
  }
  return most
}

test('of what passes through a map for it hardly anything becomes old', () => {
  const passed = PASSING * BYTES
  expect(bytesThatBecameOld(new TransientMap())).toBeLessThan(0.1 * passed)
  // What shows that this can be seen at all.
  expect(bytesThatBecameOld(new Map())).toBeGreaterThan(0.1 * passed)
})

test('a connection that waits for its next request does not keep the last one', async () => {
  const connections = new Connections({ connections: 10, connectionsPerAddress: 10 })
  const responses: WeakRef<ServerResponse>[] = []
  const server = createServer((request, response) => {
    connections.asked(request.socket, response)
    request.resume().once('end', () => {
      response.end('{}')
      connections.answered(request.socket, response)
      responses.push(new WeakRef(response))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const socket = connect(typeof address === 'object' && address !== null ? address.port : 0, '127.0.0.1')
  onTestFinished(() => {
    socket.destroy()
    server.close()
  })
  socket.write('POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n\r\n{}')
  await once(socket, 'data')
  for (let turn = 0; turn < 100 && responses[0]?.deref() !== undefined; turn += 1) {
    await nextTurn()
    collectGarbage()
  }
  expect(responses[0]?.deref()).toBeUndefined()
  expect(socket.destroyed).toBe(false)
})
