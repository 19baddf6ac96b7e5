/**
 * The attackers, a process of their own: customers' servers and clients of the ingress, and calls and events that make the engine
 * go to those servers. Told by messages when to begin and to end. Started by `attack.ts`.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { Pool } from 'undici'
import { memberOf } from '../../json-member.ts'
import type { AttackOrder, AttackTally } from './attack.ts'
import { HOSTILE, serveHostile } from './hostile-answers.ts'
import { HostileClients } from './hostile-clients.ts'

/** Calls, and events, a second that go to hostile servers. */
const CALLS_A_SECOND = 50

const tally: AttackTally = { requests: 0, calls: 0, answered: 0, events: 0, unanswered: [] }
let clients: HostileClients | undefined
let pool: Pool | undefined
let isOn = false
const underWay = new Set<Promise<void>>()

const server = await serveHostile()
const address = server.address()
process.send?.(typeof address === 'object' ? address?.port : undefined)
process.on('message', (order: AttackOrder) => void obey(order))
process.on('disconnect', () => process.exit(0))

async function obey(order: AttackOrder): Promise<void> {
  if (order.kind === 'begin') {
    pool ??= new Pool(order.origin, { connections: 512, pipelining: 1, headersTimeout: 30_000, bodyTimeout: 30_000 })
    clients ??= new HostileClients(Number(new URL(order.origin).port), () => {
      tally.requests += 1
    })
    isOn = true
    clients.start()
    void call(pool)
    return
  }
  isOn = false
  clients?.stop()
  await Promise.all(underWay)
  process.send?.(tally)
}

/** Calls and events as long as the attack goes on. */
async function call(to: Pool): Promise<void> {
  for (let next = 0; isOn; next += 1) {
    const webhook = next % HOSTILE.length
    for (const each of [invoke(to, webhook), send(to, webhook)]) {
      underWay.add(each)
      void each.finally(() => underWay.delete(each))
    }
    await pause(1000 / CALLS_A_SECOND)
  }
}

async function invoke(to: Pool, webhook: number): Promise<void> {
  tally.calls += 1
  const body = '{ "type": "call" }'
  const problem = await post(to, `/v1/webhooks/hostile-${webhook}/invoke`, body, 200, 'decision')
  if (problem === undefined) tally.answered += 1
  else tally.unanswered.push(`call of hostile-${webhook}: ${problem}`)
}

async function send(to: Pool, webhook: number): Promise<void> {
  tally.events += 1
  const problem = await post(to, '/v1/events', `{ "type": "to.hostile.${webhook}", "data": {} }`, 202, 'accepted')
  if (problem !== undefined) tally.unanswered.push(`event for hostile-${webhook}: ${problem}`)
}

/** What is wrong with the answer; `undefined` where it is as it should be. */
async function post(to: Pool, path: string, body: string, status: number, member: string): Promise<string | undefined> {
  try {
    const headers = { 'content-type': 'application/json' }
    const answer = await to.request({ method: 'POST', path, headers, body })
    const json: unknown = await answer.body.json()
    const isRight = answer.statusCode === status && memberOf(json, member) !== undefined
    return isRight ? undefined : `${answer.statusCode} ${JSON.stringify(json)}`
  } catch (error) {
    return String(error)
  }
}
