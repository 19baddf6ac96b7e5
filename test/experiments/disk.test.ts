/**
 * The experiment `disk` as CI runs it: on a file system of its own where one may be mounted, and with limits on file sizes,
 * which need no rights. And its books: an experiment that finds no mistake must be able to find one.
 */
import { describe, expect, test } from 'vitest'
import { Books, type KeptEvent, type Request } from '../../scripts/experiments/world/books.ts'
import { HELD, ORDERED, RATED, triggers, WEBHOOKS } from '../../scripts/experiments/world/webhooks.ts'
import { RUN_TIMEOUT_MS, runExperiment } from './run-experiment.ts'

test.each(['any', 'limit'])(
  'an engine whose disk is full or refuses writes (%s) loses nothing and recovers by itself',
  async (on) => {
    const { status, output, errors, json } = await runExperiment('disk', '--seconds', '3', '--on', on)
    expect({ status, errors, broken: json?.broken }, output).toEqual({ status: 0, errors: '', broken: [] })
    const phases: readonly { name: string; accepted: number }[] = json.figures.phases
    const accepted = Object.fromEntries(phases.map((phase) => [phase.name, phase.accepted > 0]))
    expect(accepted).toMatchObject({ 'room enough': true, 'every write fails': false, 'room again': true })
    expect(output).toMatch(/^refused requests +[1-9]/m)
  },
  RUN_TIMEOUT_MS,
)

test.each([
  ['disk', '--seconds', '1'],
  ['disk', '--seconds', '601'],
  ['disk', '--size', '47'],
  ['disk', '--on', 'cloud'],
  ['clock', '--seconds', '2'],
  ['clock', '--step', '5'],
  ['store', '--events', '63'],
  ['store', '--turns', '0'],
  ['store', '--history', '-1'],
])('%s refuses %s %s with status 2 and says how it is called', async (name, ...options) => {
  const { status, output, errors } = await runExperiment(name, ...options)
  expect({ status, output }).toEqual({ status: 2, output: '' })
  expect(errors).toContain(`Usage: npm run experiment -- ${name}`)
})

describe('the books', () => {
  const request = (atMs: number, isTaken: boolean, webhookId = 'id'): Request => ({
    atMs,
    isTaken,
    webhookId,
    timestamp: 0,
  })

  /** Two accepted events of a call; all webhooks took both, but that `changed` says what came to `webhook`. */
  function judged(
    webhook: string,
    changed: readonly Request[],
    change: (event: KeptEvent, books: Books) => void = () => undefined,
  ) {
    const books = new Books()
    for (const acceptedAtMs of [10, 20]) {
      const event = books.newEvent('call-1')
      event.acceptedAtMs = acceptedAtMs
      const isFirst = event.number === 1
      for (const { id } of WEBHOOKS) {
        if (!triggers(event.number, id)) continue
        const requests = isFirst && id === webhook ? changed : [request(acceptedAtMs + 5, true)]
        for (const each of requests) books.arrive(id, event.number, each)
      }
      if (isFirst) change(event, books)
    }
    const { lost, twice, halfAccepted, outOfOrder } = books.judge(new Set(['brittle 1']))
    return [lost.length, twice.length, halfAccepted.length, outOfOrder.length]
  }

  test.each<[what: string, webhook: string, requests: readonly Request[], counts: readonly number[]]>([
    ['what was taken', 'plain', [request(15, true)], [0, 0, 0, 0]],
    ['what was taken at the second attempt', 'plain', [request(15, false), request(30, true)], [0, 0, 0, 0]],
    ['what never came', 'plain', [], [1, 0, 0, 0]],
    ['what was only refused', 'plain', [request(15, false)], [1, 0, 0, 0]],
    ['what was only refused and is a dead letter', 'brittle', [request(15, false)], [0, 0, 0, 0]],
    ['what came twice', 'plain', [request(15, true), request(16, true)], [0, 1, 0, 0]],
    ['what came under two ids', 'plain', [request(15, false), request(16, true, 'b')], [0, 1, 0, 0]],
    ['what came after a later one of its call', ORDERED, [request(15, false), request(30, true)], [0, 0, 0, 1]],
  ])('tell %s', (_, webhook, requests, counts) => {
    expect(judged(webhook, requests)).toEqual(counts)
  })

  test('tell what arrived of an event that was refused', () => {
    const refused = (event: KeptEvent): void => {
      delete event.acceptedAtMs
    }
    expect(judged('plain', [], refused)).toEqual([
      0,
      0,
      WEBHOOKS.filter(({ id }) => id !== 'plain' && id !== RATED).length,
      0,
    ])
  })

  test('expect nothing for a webhook from when it was deactivated', () => {
    const deactivated = (_: KeptEvent, books: Books): void => {
      books.heldFromMs = 15
    }
    // The second event came later than that, and was sent all the same.
    expect(judged(HELD, [request(15, true)], deactivated)).toEqual([0, 0, 1, 0])
  })
})
