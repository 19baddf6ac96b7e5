/**
 * One process a store. Whoever wants a folder puts a lock file of its own into it, then looks for those of others: if there
 * is one whose owner lives, it takes its own away again. Of two that start at once at least one sees the other, so never
 * both have the folder. A lock file names its owner - host, boot, process and when that started - so that one whose owner is
 * gone (killed, machine restarted) counts no more, at once on the same host; of another host or container only after its
 * heartbeat has been silent for {@link SILENT_MS}.
 */
import { randomUUID } from 'node:crypto'
import { readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '../../../clock.ts'
import { codeOf, SwitchhookError } from '../../../errors.ts'

/** What names of lock files begin with. */
export const LOCK_PREFIX = 'lock.'

/** Tries to have the folder while others do the same; each waits a random time of up to {@link RETRY_WITHIN_MS} before the next. */
const TRIES = 100
const RETRY_WITHIN_MS = 40
/** Who is seen so often does not just try: it has the folder. */
const SIGHTINGS = 3

/** Between two signs of life of a holder. */
const HEARTBEAT_MS = 2000
/** A holder on another host that gave no sign for so long is gone. */
const SILENT_MS = 15_000

/** Who holds a folder. */
export interface Holder {
  readonly host: string
  /** Random, new at each start of the machine; empty where the system tells none. */
  readonly boot: string
  /** Which processes it can see: differs between containers; empty where the system tells none. */
  readonly namespace: string
  readonly pid: number
  /** When the process started, in the system's own ticks; tells it from a later one with the same pid. */
  readonly started: string
  /** Random, so that two locks of one process differ. */
  readonly token: string
}

/** A lock that is held. */
export class FolderLock {
  readonly #file: string
  readonly #heartbeat: NodeJS.Timeout

  private constructor(file: string) {
    this.#file = file
    this.#heartbeat = setInterval(() => {
      const now = new Date(systemClock.nowMs())
      // The next beat comes soon; a lock that is really gone shows when it is released.
      utimes(file, now, now).catch(() => undefined)
    }, HEARTBEAT_MS)
    this.#heartbeat.unref()
  }

  /** Takes the lock of a folder; throws `unavailable` with the holder's host and process where it is held. */
  static async take(folder: string): Promise<FolderLock> {
    const self = await describeSelf()
    const sightings = new Map<string, number>()
    for (let round = 0; round < TRIES; round += 1) {
      const holder = { ...self, token: randomUUID() }
      const file = join(folder, LOCK_PREFIX + holder.token)
      await writeWhole(file, JSON.stringify(holder))
      const other = await livingOther(folder, holder).catch(async (error: unknown) => {
        await rm(file, { force: true })
        throw error
      })
      if (other === undefined) return new FolderLock(file)
      await rm(file, { force: true })
      const seen = (sightings.get(other.token) ?? 0) + 1
      sightings.set(other.token, seen)
      if (seen >= SIGHTINGS) throw inUse(folder, other)
      await sleep(Math.random() * RETRY_WITHIN_MS)
    }
    throw new SwitchhookError(
      'unavailable',
      `many processes try to use the store in ${folder} at once, and none gets it`,
    )
  }

  /** Gives the folder free. */
  async release(): Promise<void> {
    clearInterval(this.#heartbeat)
    await rm(this.#file, { force: true })
  }
}

function inUse(folder: string, { pid, host, token }: Holder): SwitchhookError {
  const file = join(folder, LOCK_PREFIX + token)
  return new SwitchhookError(
    'unavailable',
    `the store is in use by process ${pid} on ${host}: only one may have it (lock file ${file})`,
  )
}

/** Another owner of a lock file that lives; files of others are cleared away. */
async function livingOther(folder: string, self: Holder): Promise<Holder | undefined> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(LOCK_PREFIX) || name === LOCK_PREFIX + self.token) continue
    const file = join(folder, name)
    const holder = await readHolder(file)
    if (holder === undefined) continue
    if (await isAlive(holder, self, file)) return holder
    await rm(file, { force: true })
  }
  return undefined
}

/** Nobody sees a part of it: it gets its name when it is complete. */
async function writeWhole(file: string, text: string): Promise<void> {
  const hidden = join(dirname(file), `.${basename(file)}`)
  await writeFile(hidden, text, { mode: 0o600, flush: true })
  await rename(hidden, file)
}

async function isAlive(holder: Holder, self: Holder, file: string): Promise<boolean> {
  const isVisible = holder.host === self.host && holder.namespace === self.namespace
  if (isVisible) {
    if (holder.boot !== self.boot) return false
    return (await startOf(holder.pid)) === holder.started
  }
  try {
    const { mtimeMs } = await stat(file)
    return Math.abs(systemClock.nowMs() - mtimeMs) < SILENT_MS
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false
    throw error
  }
}

async function describeSelf(): Promise<Omit<Holder, 'token'>> {
  return {
    host: hostname(),
    boot: (await textOf('/proc/sys/kernel/random/boot_id')).trim(),
    namespace: await namespaceOf(),
    pid: process.pid,
    started: (await startOf(process.pid)) ?? '',
  }
}

async function namespaceOf(): Promise<string> {
  try {
    const { ino } = await stat('/proc/self/ns/pid')
    return String(ino)
  } catch {
    // No such thing on this system: the host's name alone has to do.
    return ''
  }
}

/** When a process started; undefined where there is none of that number. */
async function startOf(pid: number): Promise<string | undefined> {
  const line = await textOf(`/proc/${pid}/stat`)
  // Field 22, counted behind the name, which can contain blanks and brackets; field 3 is its state: Z is dead already.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
  if (line !== '') return fields[0] === 'Z' ? undefined : fields[19]
  try {
    process.kill(pid, 0)
    return ''
  } catch (error) {
    return codeOf(error) === 'EPERM' ? '' : undefined
  }
}

async function readHolder(file: string): Promise<Holder | undefined> {
  const text = await textOf(file)
  if (text === '') return undefined
  try {
    // Written by `take` alone.
    return JSON.parse(text) as Holder
  } catch (error) {
    throw new SwitchhookError(
      'unavailable',
      `the lock file ${file} is not one of ours: remove it if nothing uses the store`,
      {
        cause: error,
      },
    )
  }
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch {
    // Not there, or not ours to read: nothing is known.
    return ''
  }
}
