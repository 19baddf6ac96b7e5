/**
 * Backups of the running store, by the command that operators use, some of them killed in the middle. Whatever happens, there
 * is either nothing of a backup's name or something whole; one that ended by itself holds every delivery that was accepted
 * before it began, and is whole by its own verification.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { openEmbeddedOutbox } from '../../src/outbox/embedded/open.ts'
import { deliveryKey, type Ledger } from './ledger.ts'
import type { Lives } from './lives.ts'
import { owedOf } from './owed.ts'
import type { SeededRandom } from './seeded-random.ts'

const COMMAND = join(import.meta.dirname, '..', '..', 'bin', 'switchhook.js')

/** Of so many backups one is killed. */
const KILLED_RATIO = 0.7

/** Time that a backup is assumed to take until one has shown it; loading the program is most of it. */
const ASSUMED_MS = 500

/** Most deliveries on a page. */
const PAGE_SIZE = 1000

/** See the head of this file. */
export class BackupRounds {
  readonly #lives: Lives
  readonly #ledger: Ledger
  readonly #random: SeededRandom
  readonly #store: string
  #count = 0
  #usualMs = ASSUMED_MS

  /** `store` is the folder of the running store; backups are made beside it and removed again. */
  constructor(lives: Lives, ledger: Ledger, random: SeededRandom, store: string) {
    this.#lives = lives
    this.#ledger = ledger
    this.#random = random
    this.#store = store
  }

  /** One backup with all that is looked at. */
  async round(): Promise<void> {
    await pause(this.#random.between(1000, 4000))
    await this.#lives.current()
    this.#count += 1
    const target = `${this.#store}-backup-${this.#count}`
    const killAfterMs = this.#random.chance(KILLED_RATIO)
      ? this.#usualMs * (0.3 + 0.7 * this.#random.next())
      : undefined
    const startedAtMs = performance.now()
    const acceptedBefore = this.#accepted()
    const { isKilled, status, errors } = await runCommand(['store', 'backup', this.#store, target], killAfterMs)
    const { backups } = this.#ledger
    if (status === 0) this.#usualMs = performance.now() - startedAtMs
    if (isKilled) {
      if (existsSync(target)) {
        backups.killedButWhole += 1
        await this.#check(target, acceptedBefore)
      } else {
        backups.killed += 1
      }
    } else if (status === 0) {
      backups.finished += 1
      await this.#check(target, acceptedBefore)
    } else if (acceptedBefore.length === 0) {
      backups.tooEarly += 1
    } else {
      this.#ledger.wrong(`a backup ended with status ${status}: ${errors}`)
    }
    await rm(target, { recursive: true, force: true })
  }

  /** Keys of the deliveries that are confirmed at this moment. */
  #accepted(): readonly string[] {
    const { events, inactive } = this.#ledger
    return [...events.values()]
      .filter(({ acceptedAtMs }) => acceptedAtMs !== undefined)
      .flatMap((event) => owedOf(event, inactive).sure.map((webhook) => deliveryKey(webhook, event.id)))
  }

  async #check(target: string, acceptedBefore: readonly string[]): Promise<void> {
    const { status, errors } = await runCommand(['store', 'verify', target], undefined)
    if (status !== 0) this.#ledger.wrong(`a backup is not whole: ${errors}`)
    const held = await readKeys(target)
    const missing = acceptedBefore.filter((key) => !held.has(key))
    if (missing.length > 0) {
      this.#ledger.wrong(`a backup lacks ${missing.length} of ${acceptedBefore.length} deliveries: ${missing[0]}`)
    }
  }
}

async function readKeys(folder: string): Promise<ReadonlySet<string>> {
  const outbox = await openEmbeddedOutbox({ path: folder })
  try {
    const keys = new Set<string>()
    let cursor: string | undefined
    do {
      const page = await outbox.find({ limit: PAGE_SIZE, ...(cursor === undefined ? {} : { cursor }) })
      for (const { webhook, event } of page.deliveries) keys.add(deliveryKey(webhook, event.id))
      cursor = page.next
    } while (cursor !== undefined)
    return keys
  } finally {
    await outbox.close()
  }
}

interface Ran {
  readonly isKilled: boolean
  readonly status: number | null
  readonly errors: string
}

async function runCommand(args: readonly string[], killAfterMs: number | undefined): Promise<Ran> {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, SWITCHHOOK_RELAYED: '1' },
  })
  const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs)
  const [errors] = await Promise.all([text(child.stderr), once(child, 'exit')])
  clearTimeout(timer)
  return { isKilled: child.signalCode === 'SIGKILL', status: child.exitCode, errors }
}
