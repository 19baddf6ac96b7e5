/**
 * An account with very many events that wait, since its servers are all down, and another one whose events flow. Then those
 * servers are back and the engine works off what waits as fast as it can: the other account's events must not stand in the
 * queue behind it.
 */
import { configurationOf, type NumberedWebhook } from '../traffic/configuration.ts'
import type { StoreCounts } from '../traffic/event-client.ts'
import { Flow, type FlowLags } from '../traffic/flow.ts'
import { openReceivers } from '../traffic/receivers.ts'
import { TestedEngine } from '../traffic/tested-engine.ts'
import { type Drained, WaitingEvents } from '../traffic/waiting-events.ts'

/** What it is run with. */
export interface AccountOptions {
  readonly folder: string
  readonly waiting: number
  readonly rate: number
  /** Length of a slice in which the other account is looked at. */
  readonly sliceMs: number
}

/** Everything that was measured. */
export interface AccountFigures {
  readonly waiting: number
  readonly webhooks: number
  /** The other account's lags before there is anything else, while it waits, and while it is worked off. */
  readonly alone: FlowLags
  readonly whileWaiting: FlowLags
  readonly whileDraining: FlowLags
  readonly drained: Drained
  readonly counts: StoreCounts
  readonly sent: number
  readonly lost: readonly string[]
  readonly repeated: readonly string[]
  readonly problems: readonly string[]
}

/** Webhooks of the account with the backlog, each on an endpoint of its own, and of the other. */
const BUSY_WEBHOOKS = 20
const BUSY: readonly number[] = Array.from({ length: BUSY_WEBHOOKS }, (_, index) => index)
const OTHER = [BUSY_WEBHOOKS]

const BUSY_ACCOUNT = 'busy'
const OTHER_ACCOUNT = 'other'

/** Most requests of the other account. */
const OTHER_REQUESTS = 5_000_000

/** Where the numbers of the other account's events begin. */
const FIRST_OF_OTHER = 10_000_000

/** See the head of this file. */
export async function measureAccounts({ folder, waiting, rate, sliceMs }: AccountOptions): Promise<AccountFigures> {
  await using receivers = await openReceivers(BUSY_WEBHOOKS + 1, OTHER_REQUESTS)
  // On a thread of their own: a queue in front of them shall not hold up the other account outside of the engine.
  await using busyServers = await openReceivers(BUSY_WEBHOOKS, 2 * waiting + 100_000)
  for (const webhook of BUSY) busyServers.setManner(webhook, 'reset')
  // What failed before the circuits opened shall not be put off by hours.
  const retry = { schedule: ['0s', ...Array.from({ length: 20 }, () => '1s')] }
  const webhooks: NumberedWebhook[] = [
    ...BUSY.map((number) => ({ number, servers: busyServers, settings: { account: BUSY_ACCOUNT, retry } })),
    ...OTHER.map((number) => ({ number, settings: { account: OTHER_ACCOUNT } })),
  ]
  await using engine = new TestedEngine(folder, configurationOf(folder, webhooks, receivers, 2 * waiting + 100_000))
  await engine.start()
  const flow = new Flow(engine, receivers, OTHER, FIRST_OF_OTHER, OTHER_ACCOUNT)
  await flow.run(rate, sliceMs / 2)
  const alone = await flow.run(rate, sliceMs)

  const events = new WaitingEvents(engine, busyServers, BUSY, waiting, 0, BUSY_ACCOUNT)
  await events.fill(() => Promise.resolve())
  const whileWaiting = await flow.run(rate, sliceMs)

  const stopping = new AbortController()
  const flowing = flow.run(rate, 3_600_000, stopping.signal)
  for (const webhook of BUSY) busyServers.setManner(webhook, 'take')
  const drained = await events.drained()
  stopping.abort()
  const whileDraining = await flowing
  const counts = await engine.drained(30_000)
  await engine.stop()
  const { lost, repeated } = events.result()
  return {
    waiting,
    webhooks: BUSY_WEBHOOKS,
    alone,
    whileWaiting,
    whileDraining,
    drained,
    counts,
    sent: flow.sent,
    lost: [...lost, ...flow.result().lost],
    repeated,
    problems: engine.problems,
  }
}
