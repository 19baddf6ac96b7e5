/** Large bodies that arrive together are read in different turns of the loop, in their order; small ones wait for nobody. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { LARGE_BODY_BYTES, LargeBodies } from '../../src/ingress/large-bodies.ts'
import { post, run } from './recording.ts'

/** An event of exactly so many bytes. */
function eventOf(bytes: number): string {
  const frame = '{"type":"t","data":{"n":""}}'
  return frame.replace('""', `"${'x'.repeat(bytes - frame.length)}"`)
}

describe('turns', () => {
  test('come one after the other, with a turn of the loop for each', async () => {
    const bodies = new LargeBodies()
    const turns: [body: number, turn: number][] = []
    let turn = 0
    const given = [0, 1, 2, 3].map(async (body) => {
      await bodies.turn()
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
    const bodies = new LargeBodies()
    for (let body = 0; body < 3; body += 1) await bodies.turn()
    await Promise.all([bodies.turn(), bodies.turn()])
  })
})

describe('requests', () => {
  test.each([
    ['large', LARGE_BODY_BYTES, 8],
    ['small', LARGE_BODY_BYTES - 1, 0],
  ])('with a %s body take a turn each, or none', async (_name, bytes, turns) => {
    const turn = vi.spyOn(LargeBodies.prototype, 'turn')
    onTestFinished(() => turn.mockRestore())
    await using server = await run()
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => post(`${server.url}/v1/events`, 'application/json', eventOf(bytes))),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(202))
    expect(turn).toHaveBeenCalledTimes(turns)
  })
})
