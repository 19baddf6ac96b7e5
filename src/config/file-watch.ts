/**
 * Watches the files of a configuration: whatever way one changes - written in place, replaced by an editor, or by a swapped
 * link as Kubernetes does it - is told once it has come to rest. Looking at the files every two seconds is what counts; the
 * system's notices about their folders only make it sooner, since not every file system gives them.
 */
import { type FSWatcher, watch } from 'node:fs'
import { dirname } from 'node:path'
import { type FileState, fileState } from './file-state.ts'

/** When files are looked at, in milliseconds. */
export interface WatchTimes {
  /** Between looks without a notice; default 2,000. */
  readonly pollMs: number
  /** For so long a changed file has to stay as it is; default 100. */
  readonly restMs: number
}

const DEFAULT_TIMES: WatchTimes = { pollMs: 2000, restMs: 100 }

/** See the head of this file. Keeps no process alive. */
export class FileWatch {
  readonly #onChange: () => void
  readonly #times: WatchTimes
  readonly #folders = new Map<string, FSWatcher>()
  readonly #poll: NodeJS.Timeout
  /** As they were read. */
  #known: readonly FileState[] = []
  /** As they were at the last look, where that differed. */
  #seen: string | undefined
  #restTimer: NodeJS.Timeout | undefined
  #isLooking = false
  #isClosed = false

  /** `onChange` is called once for each change, until {@link watch} tells what was read then. */
  constructor(onChange: () => void, times: Partial<WatchTimes> = {}) {
    this.#onChange = onChange
    this.#times = { ...DEFAULT_TIMES, ...times }
    this.#poll = setInterval(() => this.#look(), this.#times.pollMs).unref()
  }

  /** From now on these files are watched, for changes since they were as told. */
  watch(files: readonly FileState[]): void {
    this.#known = files
    this.#seen = undefined
    const folders = new Set(files.map(({ path }) => dirname(path)))
    for (const [folder, watcher] of this.#folders) if (!folders.has(folder)) this.#forget(folder, watcher)
    for (const folder of folders) this.#notice(folder)
    this.#look()
  }

  /** Safe to call twice. */
  close(): void {
    this.#isClosed = true
    clearInterval(this.#poll)
    clearTimeout(this.#restTimer)
    for (const [folder, watcher] of this.#folders) this.#forget(folder, watcher)
  }

  #notice(folder: string): void {
    if (this.#folders.has(folder) || this.#isClosed) return
    const watcher = watcherOf(folder, () => this.#lookSoon())
    if (watcher === undefined) return
    this.#folders.set(folder, watcher)
    watcher.on('error', () => this.#forget(folder, watcher))
  }

  #forget(folder: string, watcher: FSWatcher): void {
    this.#folders.delete(folder)
    watcher.close()
  }

  /** Notices come in swarms. */
  #lookSoon(): void {
    this.#restTimer ??= setTimeout(() => {
      this.#restTimer = undefined
      this.#look()
    }, this.#times.restMs).unref()
  }

  #look(): void {
    if (this.#isLooking || this.#isClosed) return
    this.#isLooking = true
    const known = this.#known
    Promise.all(known.map(({ path }) => fileState(path))).then((files) => {
      this.#isLooking = false
      if (this.#isClosed) return
      // What was told meanwhile is what counts.
      if (known === this.#known) this.#compare(stateOf(files))
      else this.#look()
    })
  }

  #compare(state: string): void {
    if (state === stateOf(this.#known)) {
      this.#seen = undefined
      return
    }
    if (state !== this.#seen) {
      this.#seen = state
      this.#lookSoon()
      return
    }
    // Until the files are told anew, this state is the one that was noticed.
    this.#seen = undefined
    this.#known = this.#known.map(({ path }, index) => ({ path, state: state.split('\n')[index] ?? '' }))
    this.#onChange()
  }
}

/** Undefined where there are no notices to be had: no such folder yet, or the system's limit of them is reached. */
function watcherOf(folder: string, onNotice: () => void): FSWatcher | undefined {
  try {
    return watch(folder, { persistent: false }, onNotice)
  } catch {
    return undefined
  }
}

function stateOf(files: readonly FileState[]): string {
  return files.map(({ state }) => state).join('\n')
}
