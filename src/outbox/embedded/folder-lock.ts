/**
 * One process a store: the folder belongs to whoever holds the lock file. It names the holder - host, boot, process and when
 * that started - so that a lock whose holder is gone (killed, machine restarted) is taken over at once on the same host; of
 * another host or container only after its heartbeat has been silent for {@link SILENT_MS}. Taking a lock is a hard link,
 * which only one of many can make.
 */
import { randomUUID } from 'node:crypto'
import { link, readFile, rename, stat, unlink, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { SwitchhookError } from '../../errors.ts'

export const LOCK_FILE = 'lock'

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
  readonly #holder: Holder
  readonly #heartbeat: NodeJS.Timeout

  private constructor(file: string, holder: Holder) {
    this.#file = file
    this.#holder = holder
    this.#heartbeat = setInterval(() => {
      const now = new Date()
      // The next beat comes soon; a lock that is really gone shows when it is released.
      utimes(file, now, now).catch(() => undefined)
    }, HEARTBEAT_MS)
    this.#heartbeat.unref()
  }

  /** Takes the lock of a folder; throws `unavailable` with the holder's host and process where it is held. */
  static async take(folder: string): Promise<FolderLock> {
    const file = join(folder, LOCK_FILE)
    const holder = await describeSelf()
    const own = `${file}.${holder.token}`
    await writeFile(own, JSON.stringify(holder), { mode: 0o600, flush: true })
    try {
      for (let round = 0; round < 10; round += 1) {
        if (await linked(own, file)) return new FolderLock(file, holder)
        await removeIfAbandoned(file, holder)
      }
      throw new SwitchhookError(
        'unavailable',
        `the lock ${file} changes hands all the time: is something starting again and again?`,
      )
    } finally {
      await unlink(own)
    }
  }

  /** Gives the folder free. */
  async release(): Promise<void> {
    clearInterval(this.#heartbeat)
    const current = await readHolder(this.#file)
    if (current?.token === this.#holder.token) await unlink(this.#file)
  }
}

async function linked(own: string, file: string): Promise<boolean> {
  try {
    await link(own, file)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

/** Makes way where the holder is gone; throws where it is not. */
async function removeIfAbandoned(file: string, self: Holder): Promise<void> {
  const holder = await readHolder(file)
  if (holder === undefined) return
  if (await isAlive(holder, self, file)) {
    throw new SwitchhookError(
      'unavailable',
      `the store is in use by process ${holder.pid} on ${holder.host}: only one may have it (lock file ${file})`,
    )
  }
  // Under a name of its own first: of several that find the lock abandoned one moves it, the others' rename fails or moves
  // the winner's new lock, which is then put back.
  const aside = `${file}.${self.token}.old`
  try {
    await rename(file, aside)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return
    throw error
  }
  const moved = await readHolder(aside)
  if (moved !== undefined && moved.token !== holder.token) await linked(aside, file)
  await unlink(aside)
}

async function isAlive(holder: Holder, self: Holder, file: string): Promise<boolean> {
  const isVisible = holder.host === self.host && holder.namespace === self.namespace
  if (isVisible) {
    if (holder.boot !== self.boot) return false
    return (await startOf(holder.pid)) === holder.started
  }
  try {
    const { mtimeMs } = await stat(file)
    return Math.abs(Date.now() - mtimeMs) < SILENT_MS
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false
    throw error
  }
}

async function describeSelf(): Promise<Holder> {
  return {
    host: hostname(),
    boot: (await textOf('/proc/sys/kernel/random/boot_id')).trim(),
    namespace: await namespaceOf(),
    pid: process.pid,
    started: (await startOf(process.pid)) ?? '',
    token: randomUUID(),
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
    // Written by `take` alone, complete before it gets its name.
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

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
