/** What waits for an endpoint and account is what a count of all its webhooks gives, whatever happens, at the price of one of them. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Backlog } from '../../src/engine/accept/backlog.ts'
import { Waiting } from '../../src/engine/accept/waiting.ts'
import { runAtOnce } from '../../src/engine/slices.ts'
import type { Webhook } from '../../src/model/webhook.ts'
import { MemoryOutbox } from '../../src/outbox/memory/memory.ts'
import { claimIds, delivered, event, T0 } from '../contract/outbox-world.ts'
import { webhook } from './webhooks.ts'

const IDS = ['a', 'b', 'c', 'd', 'e']
const ENDPOINTS = ['north', 'south'].map((id) => webhook(id).endpoint)

/** Nothing fits, so that each question is answered with how much waits. */
const FULL = { perEndpoint: 0, total: Number.POSITIVE_INFINITY }

type Action =
  | { readonly kind: 'accept'; readonly webhooks: readonly string[] }
  | { readonly kind: 'deliver'; readonly count: number }
  | { readonly kind: 'put'; readonly id: string; readonly endpoint: number; readonly account: string }
  | { readonly kind: 'remove'; readonly id: string }
  | { readonly kind: 'reload'; readonly steps: number }

const id = fc.constantFrom(...IDS)
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ kind: fc.constant('accept' as const), webhooks: fc.uniqueArray(id, { minLength: 1 }) }),
  fc.record({ kind: fc.constant('deliver' as const), count: fc.nat(3) }),
  fc.record({
    kind: fc.constant('put' as const),
    id,
    endpoint: fc.nat(ENDPOINTS.length - 1),
    account: fc.constantFrom('default', 'acme'),
  }),
  fc.record({ kind: fc.constant('remove' as const), id }),
  fc.record({ kind: fc.constant('reload' as const), steps: fc.nat(IDS.length) }),
)

test('what waits is what a recount gives, also while another plan is made ready', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 60 }), async (actions) => {
      const outbox = new MemoryOutbox()
      const webhooks = new Map<string, Webhook>()
      const waiting = new Waiting(outbox)
      let backlog = new Backlog(waiting, FULL)
      let next: Backlog | undefined
      let events = 0
      waiting.watch((...change) => {
        backlog.changed(...change)
        next?.changed(...change)
      })
      const accept = (to: readonly string[]): Promise<unknown> => {
        events += 1
        return outbox.accept([
          event(
            `e${events}`,
            to.map((each) => `${each}:${events}`),
          ),
        ])
      }
      for (const done of actions) {
        switch (done.kind) {
          case 'accept':
            await accept(done.webhooks)
            break
          case 'deliver':
            await outbox.settle(claimIds(outbox, T0, done.count).map((each) => delivered(each)))
            break
          case 'put': {
            const endpoint = ENDPOINTS[done.endpoint]
            const put = webhook(done.id, { account: done.account, ...(endpoint !== undefined && { endpoint }) })
            webhooks.set(done.id, put)
            backlog.put(done.id, put)
            break
          }
          case 'remove':
            webhooks.delete(done.id)
            backlog.put(done.id, undefined)
            break
          case 'reload': {
            next = new Backlog(waiting, FULL)
            const making = next.putAll(webhooks.values())
            for (let step = 0; step < done.steps; step += 1) making.next()
            await accept(IDS)
            await outbox.settle(claimIds(outbox, T0, 1).map((each) => delivered(each)))
            runAtOnce(making)
            backlog = next
            next = undefined
          }
        }
        for (const each of webhooks.values()) {
          const beside = [...webhooks.values()].filter(
            ({ account, endpoint }) => account === each.account && endpoint.id === each.endpoint.id,
          )
          const pending = beside.reduce((sum, other) => sum + outbox.pendingOf(other.id), 0)
          expect(backlog.take([each.id])).toContain(`${each.endpoint.origin} is full: ${pending} deliveries wait`)
        }
      }
    }),
  )
})

test('a question asks the outbox of no webhook, however many there are', () => {
  const { endpoint } = webhook('shared')
  let asked = 0
  const waiting = new Waiting({
    counts: () => ({ pending: 0, delivered: 0, dead: 0, bytes: 0 }),
    pendingOf: () => {
      asked += 1
      return 1
    },
    watch: () => undefined,
  })
  const backlog = new Backlog(waiting, { perEndpoint: 100_000, total: Number.POSITIVE_INFINITY })
  waiting.watch(backlog.changed)
  runAtOnce(backlog.putAll(Array.from({ length: 100_000 }, (_, index) => webhook(`w${index}`, { endpoint }))))
  expect(asked).toBe(100_000)
  expect(backlog.take(['w5'])).toContain('is full: 100000 deliveries wait')
  backlog.changed('w7', -1)
  expect(backlog.take(['w5'])).toBeUndefined()
  expect(backlog.take(['w5'])).toContain('is full: 100000 deliveries wait')
  expect(asked).toBe(100_000)
})
