/**
 * The experiment: lives of the engine on one folder, killed one after the other under load, and one that may finish
 * everything; then what was accepted is compared with what arrived. Servers and engine are gone when it resolves.
 */
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { openCustomers } from './customers.ts'
import type { EngineApi, StoreCounts } from './engine-api.ts'
import { killMoments } from './kill-moment.ts'
import { deliveryKey, Ledger } from './ledger.ts'
import { Lives } from './lives.ts'
import { Load } from './load.ts'
import type { RunFacts } from './report.ts'
import { SeededRandom } from './seeded-random.ts'
import { judge } from './verdict.ts'
import { configurationOf, type StoreSettings } from './webhooks.ts'

/** What the experiment runs with. */
export interface ExperimentOptions {
  readonly kills: number
  readonly seed: number
  readonly store: 'memory' | 'embedded'
  /** An empty folder for configuration and store. */
  readonly folder: string
  /** Called after every kill. */
  readonly onKill: (kills: number, ledger: Ledger) => void
}

/** How long the last life stays under load. */
const LAST_LOAD_MS = 2000

/** Longest time in which everything pending must come to its end when every server takes everything. */
const DRAIN_LIMIT_MS = 120_000
const DRAIN_LOOK_MS = 100

/** Most deliveries on a page (contract, `GET /v1/deliveries`). */
const PAGE_SIZE = 1000

/** What the engine shows when nothing more can be hoped for. */
interface Ending {
  readonly counts: StoreCounts
  /** By `deliveryKey`. */
  readonly dead: ReadonlySet<string>
}

/** Runs it. Rejects where the engine does not start, or ends by itself. */
export async function runExperiment(options: ExperimentOptions): Promise<RunFacts> {
  const { kills, seed, folder, onKill } = options
  const startedAtMs = performance.now()
  const ledger = new Ledger()
  await using customers = await openCustomers(ledger, new SeededRandom(seed, 'customers'))
  const store = storeOf(options)
  const lives = new Lives(ledger, join(folder, 'switchhook.yaml'), (life, generation) =>
    configurationOf(life, generation, store, (webhook) => customers.originOf(webhook)),
  )
  const stopping = new AbortController()
  const storeFolder = store.engine === 'embedded' ? store.path : undefined
  const load = new Load(lives, ledger, new SeededRandom(seed, 'load'), storeFolder).run(stopping.signal)
  const killAll = async (): Promise<void> => {
    for (const [index, moment] of killMoments(kills, new SeededRandom(seed, 'kills')).entries()) {
      await lives.liveUntil(moment)
      onKill(index + 1, ledger)
    }
  }
  // The load never ends before it is told to: only its failure counts here.
  await Promise.race([killAll(), load])

  const engine = await lives.begin()
  try {
    const { api } = await lives.current()
    const finish = async (): Promise<Ending> => {
      await pause(LAST_LOAD_MS)
      customers.letThrough()
      stopping.abort()
      await load
      return { counts: await drain(api), dead: await readDead(api) }
    }
    const died = engine.ended().then((reason): never => {
      throw new Error(reason)
    })
    const { counts, dead } = await Promise.race([finish(), died])
    await api.close()
    for (const line of engine.errors) ledger.wrong(`the last life logged: ${line}`)
    const problem = await engine.stop()
    if (problem !== undefined) ledger.wrong(problem)
    const judgement = judge({ ...ledger, dead })
    return { ledger, judgement, counts, durationMs: performance.now() - startedAtMs }
  } finally {
    engine.kill()
  }
}

function storeOf({ store, folder }: ExperimentOptions): StoreSettings {
  // The experiment is about kills: a disk that others have filled shall not stop it.
  return store === 'memory' ? { engine: store } : { engine: store, path: join(folder, 'store'), minFree: '0B' }
}

/** Waits until nothing is pending any more, or the limit is reached; gives what the store holds then. */
async function drain(api: EngineApi): Promise<StoreCounts> {
  const startedAtMs = performance.now()
  for (;;) {
    const counts = await api.counts()
    if (counts.kind !== 'answered') throw new Error('the engine does not say what is pending')
    if (counts.answer.pending === 0 || performance.now() - startedAtMs > DRAIN_LIMIT_MS) return counts.answer
    await pause(DRAIN_LOOK_MS)
  }
}

async function readDead(api: EngineApi): Promise<ReadonlySet<string>> {
  const dead = new Set<string>()
  let cursor: string | undefined
  do {
    const page = await api.list('dead', PAGE_SIZE, cursor)
    if (page.kind !== 'answered') throw new Error('the engine does not list its dead letters')
    for (const { webhook, event } of page.answer.deliveries) dead.add(deliveryKey(webhook, event))
    cursor = page.answer.next
  } while (cursor !== undefined)
  return dead
}
