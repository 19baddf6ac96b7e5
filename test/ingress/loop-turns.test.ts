/** Work that takes long is done in turns of the loop that nothing else of its kind gets; small bodies wait for nobody. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { LARGE_BODY_BYTES, LoopTurns } from '../../src/ingress/body/loop-turns.ts'
import { post, type RecordingEngine, run } from './recording.ts'

/** An event of exactly so many bytes. */
function eventOf(bytes: number): string {
  const frame = '{"type":"t","data":{"n":""}}'
  return frame.replace('""', `"${'x'.repeat(bytes - frame.length)}"`)
}

describe('turns', () => {
  test('come one after the other, with a turn of the loop for each', async () => {
    const loop = new LoopTurns()
    const turns: [body: number, turn: number][] = []
    let turn = 0
    const given = [0, 1, 2, 3].map(async (body) => {
      await loop.next()
      turns.push([body, turn])
    })
    while (turns.length < given.length) {
      await nextTurn()
      turn += 1
    }
    expect(turns.map(([body]) => body)).toEqual([0, 1, 2, 3])
    expect(new Set(turns.map(([, at]) => at)).size).toBe(given.length)
  })

  test('do not run out: whoever comes later gets one as well', async () => {
    const loop = new LoopTurns()
    for (let body = 0; body < 3; body += 1) await loop.next()
    await Promise.all([loop.next(), loop.next()])
  })
})

describe('requests', () => {
  test.each([
    ['large', LARGE_BODY_BYTES, 8],
    ['small', LARGE_BODY_BYTES - 1, 0],
  ])('with a %s body take a turn each, or none', async (_name, bytes, turns) => {
    const next = vi.spyOn(LoopTurns.prototype, 'next')
    onTestFinished(() => next.mockRestore())
    await using server = await run()
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => post(`${server.url}/v1/events`, 'application/json', eventOf(bytes))),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(202))
    expect(next).toHaveBeenCalledTimes(turns)
  })

  test.each([
    ['however many arrive together', false],
    ['also where the store keeps in one commit what many brought', true],
  ])('with batches are taken in different turns, %s', async (_name, isKeptTogether) => {
    await using server = await run()
    let turn = 0
    const count = (): void => {
      turn += 1
      counting = setImmediate(count)
    }
    let counting = setImmediate(count)
    onTestFinished(() => clearImmediate(counting))
    const batchesByTurn = new Map<number, Set<string>>()
    server.engine.answerEvent = ({ source }) => {
      batchesByTurn.set(turn, (batchesByTurn.get(turn) ?? new Set()).add(source))
      return { kind: 'accepted', deliveries: 1 }
    }
    if (isKeptTogether) keepTogether(server.engine)
    const batches = Array.from({ length: 8 }, (_, batch) => `{"type":"t","source":"${batch}"}\n`.repeat(2000))
    await Promise.all(batches.map((body) => post(`${server.url}/v1/events`, 'application/x-ndjson', body)))
    expect(Math.max(...[...batchesByTurn.values()].map(({ size }) => size))).toBe(1)
    expect(new Set([...batchesByTurn.values()].flatMap((each) => [...each])).size).toBe(batches.length)
  })
})

/** Whatever was accepted is confirmed every five milliseconds, all at once. */
function keepTogether(engine: RecordingEngine): void {
  const accept = engine.accept.bind(engine)
  const waiting: (() => void)[] = []
  engine.accept = async (events) => {
    const results = await accept(events)
    await new Promise<void>((resolve) => waiting.push(resolve))
    return results
  }
  const committing = setInterval(() => {
    for (const confirm of waiting.splice(0)) confirm()
  }, 5)
  onTestFinished(() => clearInterval(committing))
}
