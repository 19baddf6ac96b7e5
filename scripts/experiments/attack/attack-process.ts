/**
 * The attackers, a process of their own: customers' servers and clients of the ingress, and calls and events that make the engine
 * go to those servers. Told by messages when to begin and to end. Started by `attack.ts`.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { Pool } from 'undici'
import { memberOf } from '../../json-member.ts'
import { type AttackOrder, newTally } from './attack.ts'
import { HOSTILE, serveHostile } from './hostile-answers.ts'
import { HostileClients } from './hostile-clients.ts'

/** Calls, and events, a second that go to hostile servers. */
const CALLS_A_SECOND = 50

/** Whom it attacks, by origin: the engine, and at other times the process beside it. */
interface Target {
  readonly pool: Pool
  readonly clients: HostileClients
}

const targets = new Map<string, Target>()
let tally = newTally()
let attacked: Target | undefined
const underWay = new Set<Promise<void>>()

const server = await serveHostile()
const address = server.address()
process.send?.(typeof address === 'object' ? address?.port : undefined)
process.on('message', (order: AttackOrder) => void obey(order))
process.on('disconnect', () => process.exit(0))

async function obey(order: AttackOrder): Promise<void> {
  if (order.kind === 'begin') {
    const target = targets.get(order.origin) ?? targetAt(order.origin)
    targets.set(order.origin, target)
    tally = newTally()
    attacked = target
    target.clients.start()
    void call(target)
    return
  }
  attacked?.clients.stop()
  attacked = undefined
  await Promise.all(underWay)
  process.send?.(tally)
}

function targetAt(origin: string): Target {
  return {
    pool: new Pool(origin, { connections: 512, pipelining: 1, headersTimeout: 30_000, bodyTimeout: 30_000 }),
    clients: new HostileClients(Number(new URL(origin).port), () => {
      tally.requests += 1
    }),
  }
}

/** Calls and events as long as the attack on it goes on. */
async function call(target: Target): Promise<void> {
  for (let next = 0; attacked === target; next += 1) {
    const webhook = next % HOSTILE.length
    for (const each of [invoke(target.pool, webhook), send(target.pool, webhook)]) {
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
