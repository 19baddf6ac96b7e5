/**
 * Compressed bodies were decompressed in the order of their arrival: an event of some hundred bytes waited for each bomb before it,
 * 0.6 s for 64 clients that sent nothing else, 4 s for 400.
 */
import { gzipSync } from 'node:zlib'
import { expect, onTestFinished, test, vi } from 'vitest'
import { Inflater } from '../../src/ingress/body/inflater.ts'
import { DEFAULT_LIMITS } from '../../src/ingress/limits.ts'
import { post, run } from '../ingress/recording.ts'

test('the body goes first of which the least may come out; those alike in their order', async () => {
  const inflater = new Inflater(1, () => undefined)
  const [first, order] = [Promise.withResolvers<void>(), [] as string[]]
  const turn = (name: string, mostBytes: number): Promise<void> =>
    inflater.inTurn(mostBytes, async () => {
      order.push(name)
      if (name === 'first') await first.promise
    })
  const all = [turn('first', 9), turn('bomb 1', 9), turn('event 1', 1), turn('bomb 2', 9), turn('event 2', 1)]
  all.push(turn('batch', 5))
  first.resolve()
  await Promise.all(all)
  expect(order).toEqual(['first', 'event 1', 'event 2', 'batch', 'bomb 1', 'bomb 2'])
})

test('what may come out of a request is told from what arrived', async () => {
  const inTurn = vi.spyOn(Inflater.prototype, 'inTurn')
  onTestFinished(() => inTurn.mockRestore())
  await using server = await run()
  const send = (data: string): Promise<{ readonly status: number }> =>
    post(`${server.url}/v1/events`, 'application/json', gzipSync(`{"type":"t","data":{"n":"${data}"}}`), {
      'content-encoding': 'gzip',
    })
  expect(await send('x')).toMatchObject({ status: 202 })
  expect(await send(Array.from({ length: 60_000 }, (_, index) => index.toString(36)).join())).toMatchObject({
    status: 202,
  })
  expect(inTurn.mock.calls.map(([mostBytes]) => mostBytes)).toEqual([65_536, DEFAULT_LIMITS.batchBytes])
})
