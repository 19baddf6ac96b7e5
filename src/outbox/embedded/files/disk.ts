/**
 * The disk below a store, asked before lmdb is let write. A page that lmdb (3.5.6) can't write makes it tell so in a buffer of
 * 100 bytes, which is too small where the store is large: it writes past the end, and the process breaks sooner or later. And
 * its lock file is a map: the first page of it that finds no room ends the process. So what can be known beforehand is asked
 * for here, a byte of our own is written right before each of its transactions is, and after a write that failed all the same lmdb is
 * left alone until a larger one of our own went well.
 */
import { closeSync, fsyncSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf, SwitchhookError } from '../../../errors.ts'
import { DATA_FILE } from './tables.ts'

/** Free bytes below which nothing is written: more than a usual transaction takes, at most a few pages a change. */
export const LEAST_FREE_BYTES: number = 4 * 1024 * 1024

/** Said where there are fewer. */
export const DISK_FULL = "the store can't write: the disk is full"

/** The file that {@link Disk.tryWrite} writes, in the store's folder. */
const TRIAL_FILE = 'write-trial'

/** What it writes behind the place where the data file ends: limits of size and quota are met there too. */
const TRIAL_BYTES = 1024 * 1024

/** Of it before each transaction: the last one alone, which has the whole of a transaction before it. */
const LAST_BYTE = Buffer.from('Z')

/** The disk takes nothing, which was found out without lmdb. */
export class UnwritableDisk extends SwitchhookError {
  constructor(message: string, options?: ErrorOptions) {
    super('unavailable', message, options)
  }
}

/** See the head of this file. Blocks for as long as the disk does: for the store's thread, and before it starts. */
export class Disk {
  readonly #folder: string
  /** Open from the first {@link requireWritable} on, under no name any more. */
  #trial: number | undefined

  /** `folder` exists. */
  constructor(folder: string) {
    this.#folder = folder
  }

  /** Bytes that this process may still use. */
  freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.#folder)
    return bavail * bsize
  }

  /** Throws `unavailable` where there is not even the room to open a store. */
  requireRoom(): void {
    const free = this.freeBytes()
    if (free >= LEAST_FREE_BYTES) return
    const detail = `${free} bytes are free on the disk of ${this.#folder}, ${LEAST_FREE_BYTES} are needed to open a store`
    throw new SwitchhookError('unavailable', `the disk is full: ${detail}`)
  }

  /** Before lmdb writes: throws {@link UnwritableDisk} where there is no room, or one byte of no meaning is not taken. */
  requireWritable(): void {
    if (this.freeBytes() < LEAST_FREE_BYTES) throw new UnwritableDisk(DISK_FULL)
    try {
      this.#trial ??= openNameless(join(this.#folder, TRIAL_FILE))
      if (writeSync(this.#trial, LAST_BYTE, 0, 1, this.#dataBytes() + TRIAL_BYTES - 1) === 1) return
    } catch (error) {
      throw new UnwritableDisk(`the store can't write: ${messageOf(error)}`, { cause: error })
    }
    throw new UnwritableDisk("the store can't write: nothing was written")
  }

  /** Lets go what {@link requireWritable} holds. */
  close(): void {
    if (this.#trial !== undefined) closeSync(this.#trial)
    this.#trial = undefined
  }

  /** Writes and syncs some bytes of no meaning, and removes them; throws `unavailable` with the system's reason. */
  tryWrite(): void {
    if (this.freeBytes() < LEAST_FREE_BYTES) throw new SwitchhookError('unavailable', DISK_FULL)
    const file = join(this.#folder, TRIAL_FILE)
    try {
      const behind = this.#dataBytes()
      const trial = openSync(file, 'w', 0o600)
      try {
        const bytes = Buffer.alloc(TRIAL_BYTES, 0x5a)
        // A short write is how a limit is told; the next one says why.
        for (let done = 0; done < bytes.length; )
          done += writeSync(trial, bytes, done, bytes.length - done, behind + done)
        fsyncSync(trial)
      } finally {
        closeSync(trial)
        rmSync(file, { force: true })
      }
    } catch (error) {
      throw new SwitchhookError('unavailable', `the store can't write: ${messageOf(error)}`, { cause: error })
    }
  }

  #dataBytes(): number {
    return statSync(join(this.#folder, DATA_FILE), { throwIfNoEntry: false })?.size ?? 0
  }
}

/** A new file that is gone when it is closed, or when the process ends. */
function openNameless(path: string): number {
  const file = openSync(path, 'w', 0o600)
  rmSync(path, { force: true })
  return file
}

/** What our own code throws says nothing of the disk, unless that is what it says: only what it was about is refused. */
export function isOfDisk(error: unknown): boolean {
  return (
    error instanceof UnwritableDisk ||
    !(error instanceof SwitchhookError || error instanceof RangeError || error instanceof TypeError)
  )
}

/** `MDB_PANIC` of lmdb: the environment is of no use until it is opened again. Reads tell it only in their message. */
export function isPanic(error: unknown): boolean {
  return messageOf(error).includes('MDB_PANIC')
}
