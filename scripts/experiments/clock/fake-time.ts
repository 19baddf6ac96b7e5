/**
 * A wall clock that can be stepped, for one process: libfaketime (Debian package `faketime`) stands between the real engine
 * and the C library, so that every thread of it, its logs and its signatures see the stepped time, as after an administrator
 * or a time server set the clock. The monotonic clock and file times are left alone, as a step leaves them alone.
 */
import { existsSync, readdirSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const LIBRARIES = '/usr/lib'
const LIBRARY = join('faketime', 'libfaketimeMT.so.1')

/** Until a process has seen a step: the library looks into the file when its last look is more than a whole second old. */
export const SEEN_WITHIN_MS = 2500

/** Where the library is; undefined: it is not installed. */
export function findFakeTime(): string | undefined {
  if (!existsSync(LIBRARIES)) return undefined
  const folders = [LIBRARIES, ...readdirSync(LIBRARIES).map((name) => join(LIBRARIES, name))]
  return folders.map((folder) => join(folder, LIBRARY)).find((file) => existsSync(file))
}

/** A step of the clock. */
export interface Step {
  /** `performance.now()` of this process. */
  readonly atMs: number
  /** From then on the process's wall clock is so far ahead of ours; negative: behind. */
  readonly offsetMs: number
}

/** See the head of this file. */
export class FakeTime {
  /** What was done, the first entry when it was made. */
  readonly steps: Step[] = []
  readonly #library: string
  readonly #file: string

  /** `folder` is for the file with the offset; call {@link FakeTime.set} before the process is started. */
  constructor(library: string, folder: string) {
    this.#library = library
    this.#file = join(folder, 'clock')
  }

  /** What the process's environment needs. */
  get environment(): Readonly<Record<string, string>> {
    return {
      LD_PRELOAD: this.#library,
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_CACHE_DURATION: '1',
      // The name changed between two versions of the library.
      DONT_FAKE_MONOTONIC: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      NO_FAKE_STAT: '1',
    }
  }

  /** Sets the clock so many milliseconds, a whole number of seconds, ahead of ours. */
  async set(offsetMs: number): Promise<void> {
    const seconds = Math.trunc(offsetMs / 1000)
    // A file that is read while it is written would be no time at all.
    await writeFile(`${this.#file}.new`, `${seconds < 0 ? '' : '+'}${seconds}`)
    await rename(`${this.#file}.new`, this.#file)
    this.steps.push({ atMs: performance.now(), offsetMs })
  }
}
