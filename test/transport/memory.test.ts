/** What is left after many exchanges that went wrong: no exchange, no connection, no timer, no listener. */
import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import type { Exchange } from '../../src/model/attempt.ts'
import { Transport } from '../../src/transport/transport.ts'
import { collectGarbage } from '../setup/collect-garbage.ts'
import { answering, answerOf, exchange, requestTo, startServer, textOf } from './raw-server.ts'

/** Collects until `isGone`, a turn of the loop apart: references leave the stack and finalizers run only then. */
const collectUntil = async (isGone: () => boolean) => {
  await expect
    .poll(() => {
      collectGarbage()
      return isGone()
    })
    .toBe(true)
}

describe('After many exchanges', () => {
  test('with servers that never answer, nothing of them is held', async () => {
    await using server = await startServer({ onRequest: () => undefined })
    await using transport = new Transport({ maxConnectionsPerEndpoint: 200 })
    const held: WeakRef<object>[] = []
    const sendOne = () =>
      new Promise<Exchange>((resolve) => {
        const settle = (result: Exchange) => resolve(result)
        held.push(new WeakRef(settle))
        held.push(new WeakRef(transport.send(requestTo(server.endpoint, { responseTimeoutMs: 100 }), settle)))
      })
    const results = await Promise.all(Array.from({ length: 200 }, sendOne))
    expect(new Set(results.map((result) => result.kind === 'failed' && result.reason))).toEqual(
      new Set(['response-timeout']),
    )
    expect(transport.stats()).toEqual({ pools: 1, connections: 0, inFlight: 0 })
    await server.empty()
    await collectUntil(() => held.every((reference) => reference.deref() === undefined))
  })

  test('over one connection, its socket has no more listeners than after the first', async () => {
    await using server = await startServer(answering(answerOf('fine')))
    await using transport = new Transport({ maxConnectionsPerEndpoint: 1 })
    const warnings: Error[] = []
    const onWarning = (warning: Error) => void warnings.push(warning)
    process.on('warning', onWarning)
    for (let index = 0; index < 100; index += 1) {
      expect(textOf(await exchange(transport, server.endpoint))).toBe('fine')
    }
    process.off('warning', onWarning)
    expect(warnings).toEqual([])
    expect(server.accepted()).toBe(1)
  })

  test('ending in every way at once, each is settled once and every slot is free again', async () => {
    const endings: ((socket: Socket) => void)[] = [
      (socket) => void socket.write(answerOf('fine')),
      (socket) => void socket.write('rubbish'),
      (socket) => void socket.end(),
      (socket) => void socket.resetAndDestroy(),
      (socket) => void socket.write(answerOf('x'.repeat(70_000))),
      () => undefined,
      (socket) => void socket.end(answerOf('fine')),
    ]
    await using server = await startServer({ onRequest: (socket, index) => endings[index % endings.length]?.(socket) })
    await using transport = new Transport({ maxConnectionsPerEndpoint: 16 })
    let settled = 0
    const work = Array.from({ length: 16 }, async (_, worker) => {
      for (let index = 0; index < 40; index += 1) {
        const result = await new Promise<Exchange>((resolve) => {
          const pending = transport.send(
            requestTo(server.endpoint, {
              responseTimeoutMs: 30,
              ...(index % 2 === 0 ? { overflow: 'drop', bodyLimitBytes: 1024 } : {}),
            }),
            (outcome) => {
              settled += 1
              resolve(outcome)
            },
          )
          if (worker === 0 && index % 5 === 0) setImmediate(() => pending.abort())
        })
        expect(result.kind === 'failed' && (result.reason === 'overloaded' || result.reason === 'internal')).toBe(false)
      }
    })
    await Promise.all(work)
    expect(settled).toBe(16 * 40)
    expect(transport.stats().inFlight).toBe(0)
  })
})
