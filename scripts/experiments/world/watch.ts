/**
 * Looks at the engine's process and its `/readyz` five times a second: CPU, memory, and when it called itself ready.
 */
import { readFile } from 'node:fs/promises'
import { memberOf } from '../../json-member.ts'
import { readMemory } from '../traffic/process-memory.ts'
import { listOf } from './callers.ts'

/** Between two looks. */
const LOOK_MS = 200

/** `USER_HZ` of Linux, in which `/proc` tells CPU times. */
const TICKS_PER_SECOND = 100

/** One look at `/readyz`. */
export interface Look {
  readonly atMs: number
  readonly isReady: boolean
  /** Of those checks that are not ready: `store: the disk is full`. */
  readonly unready: readonly string[]
}

/** What a process used between two readings. */
export interface Usage {
  /** Of one core, 0 to the number of cores. */
  readonly cpuShare: number
  /** Own memory at the end, without the mapped pages of the store. */
  readonly ownBytes: number
}

/** See the head of this file. */
export class Watch implements Disposable {
  readonly looks: Look[] = []
  readonly #pid: number
  readonly #folder: string
  readonly #timer: NodeJS.Timeout
  #since = { atMs: performance.now(), cpuSeconds: 0 }

  /** `ask` gives the answer of `/readyz`; `folder` is that of the store. */
  constructor(pid: number, folder: string, ask: () => Promise<{ readonly status: number; readonly json: unknown }>) {
    this.#pid = pid
    this.#folder = folder
    let isAsking = false
    this.#timer = setInterval(() => {
      if (isAsking) return
      isAsking = true
      ask()
        .then(
          ({ status, json }) =>
            this.looks.push({ atMs: performance.now(), isReady: status === 200, unready: unreadyIn(json) }),
          (error: unknown) => this.looks.push({ atMs: performance.now(), isReady: false, unready: [String(error)] }),
        )
        .finally(() => {
          isAsking = false
        })
    }, LOOK_MS)
  }

  /** What the process used since the last call. */
  async usage(): Promise<Usage> {
    const { atMs, cpuSeconds } = this.#since
    this.#since = { atMs: performance.now(), cpuSeconds: await readCpuSeconds(this.#pid) }
    const seconds = (this.#since.atMs - atMs) / 1000
    const { ownBytes } = await readMemory(this.#pid, this.#folder)
    return { cpuShare: (this.#since.cpuSeconds - cpuSeconds) / seconds, ownBytes }
  }

  /** The first look since `atMs` at which it was ready, or not; undefined: none yet. */
  first(isReady: boolean, atMs: number): Look | undefined {
    return this.looks.find((look) => look.atMs >= atMs && look.isReady === isReady)
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}

function unreadyIn(json: unknown): readonly string[] {
  return listOf(json, 'checks')
    .filter((check) => memberOf(check, 'ready') !== true)
    .map((check) => `${String(memberOf(check, 'name'))}: ${String(memberOf(check, 'detail'))}`)
}

/** CPU that a process has used since it began, all its threads together. */
async function readCpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1')
  // Behind the name in brackets: state, ..., user time and system time as the 12th and 13th (proc(5)).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}
