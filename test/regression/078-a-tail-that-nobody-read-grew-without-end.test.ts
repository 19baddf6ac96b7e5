/**
 * `tail` wrote on where nobody read, and what was not taken waited in its memory: tens of megabytes a minute below a pager that
 * stands still. Now it waits for its reader, and the engine leaves out what it can't hand over.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { startCommand } from '../cli/run-command.ts'

test('tail takes no more from the engine than its reader takes', async () => {
  let sentBytes = 0
  const isFull = Promise.withResolvers<void>()
  const server = createServer((_, response) => {
    const event = { time: '2026-11-21T08:00:00Z', account: 'a', id: 'i', type: 't', subject: 's', deliveries: 1 }
    const message = `event: event\ndata: ${JSON.stringify({ ...event, source: 'x'.repeat(10_000) })}\n\n`
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const send = (): void => {
      // Four times what all buffers on the way hold; the tail without a bound took it all.
      while (sentBytes < 64_000_000) {
        sentBytes += message.length
        if (!response.write(message)) {
          const stalled = setTimeout(isFull.resolve, 2000)
          response.once('drain', () => {
            clearTimeout(stalled)
            send()
          })
          return
        }
      }
      isFull.resolve()
    }
    send()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const url = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : ''
  const tail = startCommand(['tail', '--json', '--url', url])
  await isFull.promise
  expect(sentBytes).toBeLessThan(32_000_000)
  // It goes on where its reader does.
  const [first] = await once(tail.stdout, 'data')
  expect(String(first)).toMatch(/^\{"kind":"event"/)
})
