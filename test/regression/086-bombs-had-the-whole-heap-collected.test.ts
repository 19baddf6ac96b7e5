/**
 * What comes out of compressed bombs, and large bodies that were read or refused, was left to V8, which stops for a collection of
 * its whole heap as soon as some tens of MiB of such have come together: live calls waited 10 to 20 ms, twice a second. Bombs are another
 * thread's now, and bodies are given back when their requests are answered.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { constants, PerformanceObserver } from 'node:perf_hooks'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { memberOf } from '../../scripts/json-member.ts'
import { run } from '../ingress/recording.ts'

const MIB = 1_048_576

/** Collections of the whole heap from now on. */
function countCollections(): { count: number } {
  const collections = { count: 0 }
  const observer = new PerformanceObserver((list) => {
    collections.count += list
      .getEntries()
      .filter((entry) => kindOf(entry) === constants.NODE_PERFORMANCE_GC_MAJOR).length
  })
  observer.observe({ entryTypes: ['gc'] })
  onTestFinished(() => observer.disconnect())
  return collections
}

function kindOf(entry: object): unknown {
  return 'detail' in entry ? memberOf(entry.detail, 'kind') : undefined
}

/** The status of the answer; nothing is made for each request, so that all that comes together is the server's. */
async function send(port: number, head: Buffer, body: Buffer): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.write(head)
  socket.write(body)
  const [answer] = await once(socket, 'data')
  socket.resume()
  await once(socket, 'close')
  return String(answer).slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length)
}

/** There were 13 and 14 with the bombs, 30 with those that come out, 30 with the bodies; what else goes on in the process may make one. */
const MOST_COLLECTIONS = 4

/** Far more than a busy machine takes that measures coverage as well, for which every byte of a body counts. */
const PATIENCE_MS = 600_000

/** 8 MiB that compress little enough to come out, and are no batch, which alone may have so much. */
const LARGE_SINGLE = Buffer.concat([Buffer.from('{'), randomBytes(60_000), Buffer.alloc(8 * MIB - 60_001)])

test.each([
  ['bombs', 'application/x-ndjson', 'gzip', gzipSync(Buffer.alloc(64 * MIB)), '413', 60],
  ['bombs that come out', 'application/json', 'gzip', gzipSync(LARGE_SINGLE), '413', 60],
  ['large bodies that are refused', 'application/json', 'identity', Buffer.alloc(MIB, '['), '400', 200],
])(
  '%s leave nothing for which the whole heap is collected',
  async (_name, type, coding, body, status, count) => {
    await using server = await run()
    const port = Number(new URL(server.url).port)
    const head = Buffer.from(
      `POST /v1/events HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: ${type}\r\n` +
        `content-encoding: ${coding}\r\ncontent-length: ${body.length}\r\n\r\n`,
    )
    const statuses = new Set<string>()
    const collections = countCollections()
    for (let request = 0; request < count; request += 1) {
      statuses.add(await send(port, head, body))
    }
    await nextTurn()
    expect(statuses).toEqual(new Set([status]))
    expect(collections.count).toBeLessThanOrEqual(MOST_COLLECTIONS)
  },
  PATIENCE_MS,
)
