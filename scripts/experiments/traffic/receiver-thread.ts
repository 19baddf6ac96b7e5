/**
 * The customers' servers: one HTTP server on a thread of its own that stands for all of them, since every address in
 * 127.0.0.0/8 is this machine. A request says by its path, `/WEBHOOK/LIFE?event=NUMBER`, for whom and from whom it is; the webhook's manner
 * says what becomes of it. Started by `receivers.ts`.
 */
import { createServer, type ServerResponse } from 'node:http'
import { parentPort, workerData } from 'node:worker_threads'
import { SeededRandom } from '../../crash/seeded-random.ts'
import { ArrivalLog } from './arrival-log.ts'
import { FLAKY, MANNERS, type ReceiverSetup, SLOW_MS } from './manner.ts'

/** Connections that may wait to be taken; a thousand endpoints begin at once. */
const ACCEPT_QUEUE = 4096

serve(workerData)

function serve({ arrivals, manners, seed }: ReceiverSetup): void {
  const log = new ArrivalLog(arrivals)
  const mannerOf = new Int32Array(manners)
  const random = new SeededRandom(seed, 'receivers')
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const [, webhook = 0, life = 0, event = 0] = (/^\/(\d+)\/(\d+)\?event=(\d+)$/.exec(request.url ?? '') ?? []).map(
      Number,
    )
    const index = log.begin(webhook, life, event)
    request.resume()
    request.on('error', () => log.end(index, 'refused'))
    const take = (): void => {
      // Whoever asked may be gone by now: nobody was told then.
      log.end(index, response.destroyed ? 'refused' : 'taken')
      response.writeHead(200, { 'content-length': 2 }).end('ok')
    }
    switch (MANNERS[Atomics.load(mannerOf, webhook)]) {
      case 'take':
        take()
        return
      case 'slow':
        setTimeout(take, SLOW_MS)
        return
      case 'flaky':
        answerFlaky(response, random.next(), take, () => log.end(index, 'refused'))
        return
      case 'hang':
        response.on('close', () => log.end(index, 'refused'))
        return
      case 'reset':
      case undefined:
        log.end(index, 'refused')
        request.socket.resetAndDestroy()
    }
  })
  server.on('connection', (socket) => {
    // It listens for all addresses to have those of the whole network 127; nobody else is served.
    if (socket.remoteAddress?.startsWith('127.') !== true) socket.destroy()
  })
  server.listen({ host: '0.0.0.0', port: 0, backlog: ACCEPT_QUEUE }, () => {
    const address = server.address()
    if (typeof address === 'object') parentPort?.postMessage(address?.port)
  })
}

/** Each share of `FLAKY` fails in its own way; the rest is taken. `chance` is in [0, 1). */
function answerFlaky(response: ServerResponse, chance: number, take: () => void, refuse: () => void): void {
  let bound = FLAKY.unanswered
  if (chance < bound) {
    response.on('close', refuse)
    return
  }
  bound += FLAKY.broken
  if (chance < bound) {
    refuse()
    response.req.socket.resetAndDestroy()
    return
  }
  bound += FLAKY.later
  if (chance < bound) {
    refuse()
    response.writeHead(429, { 'retry-after': '1', 'content-length': 0 }).end()
    return
  }
  bound += FLAKY.failed
  if (chance >= bound) {
    take()
    return
  }
  refuse()
  response.writeHead(500, { 'content-length': 0 }).end()
}
