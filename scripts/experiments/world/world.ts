/**
 * Engine, customers' servers and callers of one experiment, and its phases: each has a name, goes on for some time, and is
 * told as one line of the table. Everything is gone when it is disposed of.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type EngineProcess, startEngine } from '../../engine-process.ts'
import { memberOf } from '../../json-member.ts'
import type { Row } from '../experiment.ts'
import { mebibytes } from '../traffic/process-memory.ts'
import { Books } from './books.ts'
import { Callers, listOf, type Met } from './callers.ts'
import { openServers, type Servers } from './servers.ts'
import { type Usage, Watch } from './watch.ts'
import { configurationOf, type StorePlace, WEBHOOKS } from './webhooks.ts'

/** What happened in a phase. */
export interface Phase extends Met, Usage {
  readonly name: string
  readonly fromMs: number
  readonly untilMs: number
  /** Requests that customers took. */
  readonly taken: number
  readonly pending: number
}

/** How a world is opened. */
export interface WorldOptions {
  /** For the configuration; the store lies where `store` says. */
  readonly folder: string
  readonly store: StorePlace
  /** Added to the engine's environment. */
  readonly environment?: Readonly<Record<string, string>>
}

/** Most deliveries on a page (contract, `GET /v1/deliveries`). */
const PAGE_SIZE = 1000

/** Longest time in which everything pending must come to its end when every server takes everything. */
const DRAIN_LIMIT_MS = 60_000

/** What is left at the end. */
export interface Ending {
  readonly pending: number
  /** Pending, delivered and dead. */
  readonly stored: number
  /** `webhook number` of all dead letters. */
  readonly dead: ReadonlySet<string>
}

/** See the head of this file; made by {@link openWorld}. */
export class World implements AsyncDisposable {
  readonly books: Books
  readonly servers: Servers
  readonly engine: EngineProcess
  readonly callers: Callers
  readonly watch: Watch
  readonly phases: Phase[] = []
  /** Rejects when the engine ends before it is told to. */
  readonly #died: Promise<never>

  constructor(books: Books, servers: Servers, engine: EngineProcess, storePath: string) {
    this.books = books
    this.servers = servers
    this.engine = engine
    this.callers = new Callers(books, engine.origin)
    this.#died = engine.ended().then((reason): never => {
      throw new Error(reason)
    })
    this.#died.catch(() => undefined)
    this.watch = new Watch(engine.pid, storePath, () => this.callers.ask('GET', '/readyz'))
  }

  /** Lets so much time pass; what happened meanwhile is a phase. */
  async phase(name: string, durationMs: number): Promise<Phase> {
    this.callers.takeMet()
    await this.watch.usage()
    const fromMs = performance.now()
    await Promise.race([pause(durationMs), this.#died])
    const usage = await this.watch.usage()
    const untilMs = performance.now()
    const { pending } = await this.counts()
    const taken = WEBHOOKS.flatMap(({ id }) => [...this.books.requestsTo(id)]).filter(
      ({ atMs, isTaken }) => isTaken && atMs >= fromMs && atMs < untilMs,
    ).length
    const phase = { name, fromMs, untilMs, taken, pending, ...usage, ...this.callers.takeMet() }
    this.phases.push(phase)
    return phase
  }

  /** How many deliveries are kept. */
  async counts(): Promise<{ readonly pending: number; readonly delivered: number; readonly dead: number }> {
    const { json } = await this.callers.ask('GET', '/v1/stats')
    const count = (state: string): number => Number(memberOf(memberOf(json, 'outbox'), state))
    return { pending: count('pending'), delivered: count('delivered'), dead: count('dead') }
  }

  /** Stops the callers, lets the servers take everything, and waits until nothing is pending or it takes too long. */
  async drain(): Promise<Ending> {
    await this.callers.stop()
    this.servers.takeAll()
    const endMs = performance.now() + DRAIN_LIMIT_MS
    for (;;) {
      const { pending, delivered, dead } = await this.counts()
      if (pending === 0 || performance.now() >= endMs) {
        return { pending, stored: pending + delivered + dead, dead: await this.#readDead() }
      }
      await Promise.race([pause(100), this.#died])
    }
  }

  /** Ends the engine in order; what is wrong about it goes into the books. */
  async stop(): Promise<void> {
    this.watch[Symbol.dispose]()
    await this.callers[Symbol.asyncDispose]()
    const problem = await this.engine.stop()
    if (problem !== undefined) this.books.wrong(problem)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.watch[Symbol.dispose]()
    await this.callers[Symbol.asyncDispose]()
    this.engine.kill()
    await this.engine.ended()
    await this.servers[Symbol.asyncDispose]()
  }

  async #readDead(): Promise<ReadonlySet<string>> {
    const dead = new Set<string>()
    let cursor: unknown
    do {
      const query = new URLSearchParams({ state: 'dead', limit: String(PAGE_SIZE) })
      if (typeof cursor === 'string') query.set('cursor', cursor)
      const { json } = await this.callers.ask('GET', `/v1/deliveries?${query}`)
      for (const delivery of listOf(json, 'deliveries')) {
        const event = String(memberOf(memberOf(delivery, 'event'), 'id'))
        dead.add(`${String(memberOf(delivery, 'webhook'))} ${event.slice(2)}`)
      }
      cursor = memberOf(json, 'next')
    } while (typeof cursor === 'string')
    return dead
  }
}

/** Starts servers and engine; nobody calls yet. */
export async function openWorld({ folder, store, environment }: WorldOptions): Promise<World> {
  const books = new Books()
  const servers = await openServers(books)
  try {
    await mkdir(folder, { recursive: true })
    const configFile = join(folder, 'switchhook.yaml')
    await writeFile(
      configFile,
      configurationOf(store, (webhook) => servers.originOf(webhook)),
    )
    const engine = await startEngine(configFile, undefined, environment)
    return new World(books, servers, engine, store.path)
  } catch (error) {
    await servers[Symbol.asyncDispose]()
    throw error
  }
}

/** What must hold at the end of every such experiment, and the rows that tell it. */
export function concludeWorld(
  world: World,
  ending: Ending,
): { readonly rows: readonly Row[]; readonly broken: readonly string[] } {
  const { accepted, deliveries, lost, twice, halfAccepted, outOfOrder } = world.books.judge(ending.dead)
  const refused = world.phases.flatMap((phase) => [...phase.refused.values()]).reduce((sum, count) => sum + count, 0)
  const kinds = [
    ['lost', lost],
    ['twice', twice],
    ['half accepted', halfAccepted],
    ['out of order', outOfOrder],
    ['wrong', world.books.problems],
  ] as const
  const rows = [
    ...world.phases.map(phaseRow),
    { what: 'accepted', value: `${accepted} of ${world.books.events.length} events, ${deliveries} deliveries` },
    { what: 'refused requests', value: String(refused) },
    ...kinds.map(([what, cases]) => ({ what, value: String(cases.length) })),
    { what: 'dead letters', value: String(ending.dead.size) },
  ]
  const broken = kinds.flatMap(([what, cases]) => cases.slice(0, 5).map((text) => `${what}: ${text}`))
  if (ending.pending > 0) broken.push(`${ending.pending} deliveries are still pending`)
  if (ending.stored !== deliveries)
    broken.push(`the store holds ${ending.stored} deliveries, ${deliveries} were accepted`)
  return { rows, broken }
}

function phaseRow({
  name,
  accepted,
  refused,
  taken,
  pending,
  cpuShare,
  ownBytes,
  invokesMs,
  fromMs,
  untilMs,
}: Phase): Row {
  const refusals = [...refused].map(([status, count]) => `, ${count} times ${status}`).join('')
  const slowest = Math.max(0, ...invokesMs).toFixed(0)
  const seconds = ((untilMs - fromMs) / 1000).toFixed(0)
  const work = `${seconds} s: ${accepted} accepted${refusals}, ${taken} delivered, ${pending} pending`
  const use = `CPU ${(cpuShare * 100).toFixed(0)} %, ${mebibytes(ownBytes)}, live calls up to ${slowest} ms`
  return { what: name, value: `${work}; ${use}` }
}
