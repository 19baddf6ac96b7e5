/**
 * Under TLS requests come on another socket than the one that was accepted, so that every connection seemed never to have asked
 * anything: when the service ended, live calls were cut off instead of answered.
 */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { connect } from 'node:tls'
import { expect, test } from 'vitest'
import { INVOKED, type Running, run } from '../ingress/recording.ts'

const fixture = (name: string) => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), 'utf8')
const tls = { cert: fixture('good.crt'), key: fixture('good.key') }
const ca = fixture('ca.crt')

async function runWithTls(): Promise<Running> {
  return await run({ listen: { host: '127.0.0.1', port: 0, keepAliveMs: 75_000, tls } })
}

test('an invoke in flight is answered', async () => {
  const server = await runWithTls()
  const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>()
  const { promise: answer, resolve: answerInvoke } = Promise.withResolvers<typeof INVOKED>()
  server.engine.answerInvoke = () => {
    onAsked()
    return answer
  }
  const agent = new Agent({ keepAlive: true })
  const client = request(`${server.url}/v1/webhooks/crm/invoke?ani=1`, { ca, agent })
  const response = once(client, 'response')
  client.end()
  await asked
  const closed = server.ingress.close(10_000)
  answerInvoke(INVOKED)
  const [{ statusCode }] = await response
  expect(statusCode).toBe(200)
  await closed
  agent.destroy()
})

test('a connection that has asked nothing is ended at once', async () => {
  const server = await runWithTls()
  const socket = connect({ port: server.ingress.address().port, host: '127.0.0.1', ca })
  await once(socket, 'secureConnect')
  const ended = once(socket, 'close')
  socket.resume()
  await server.ingress.close(60_000)
  await ended
})
