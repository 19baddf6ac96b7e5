/**
 * Opening an embedded outbox: the folder, its lock, the check of what lies there, the store's thread.
 * Where one of them fails nothing stays behind, and what lies in the folder is as it was.
 */
import { resolve } from 'node:path'
import { checkBeforeOpening, markAsStore } from './files/data-file.ts'
import { Disk } from './files/disk.ts'
import { makeFolder, syncFolder } from './files/folder.ts'
import { FolderLock } from './files/folder-lock.ts'
import type { MigrationProgress } from './files/migration.ts'
import { EmbeddedOutbox } from './outbox.ts'
import { StoreThread } from './store-thread.ts'

/** How an embedded outbox is opened. */
export interface EmbeddedOutboxOptions {
  /** The store's folder; made where it does not exist. */
  readonly path: string
  /** Free bytes of the disk below which nothing new is accepted. Default 64 MiB. */
  readonly reserveBytes?: number
  /** Waiting deliveries in memory at most, of 4 KiB or less each. Default 20,000. */
  readonly inMemory?: number
  /** Of one webhook. Default 10,000. */
  readonly inMemoryPerWebhook?: number
  /** Told about once a second, at the beginning and at the end, while a store of an older format is brought up. */
  readonly onMigration?: (progress: MigrationProgress) => void
  /** Told how long each transaction took that changed deliveries, in milliseconds, the syncing included. */
  readonly onCommit?: (durationMs: number) => void
  /** Told how many bytes the store may still use, at the start and every two seconds. */
  readonly onFree?: (bytes: number) => void
}

/** Opens a store, or makes one. Throws `unavailable`, with the reason, where it can't be used. */
export async function openEmbeddedOutbox(options: EmbeddedOutboxOptions): Promise<EmbeddedOutbox> {
  const path = resolve(options.path)
  await makeFolder(path)
  new Disk(path).requireRoom()
  const lock = await FolderLock.take(path)
  try {
    await checkBeforeOpening(path, 'roots')
    let outbox: EmbeddedOutbox | undefined
    const { thread, opened } = await StoreThread.start(
      { path, reserveBytes: options.reserveBytes ?? 64 * 1024 * 1024 },
      {
        onFigures: (figures) => {
          options.onCommit?.(figures.commitMs)
          outbox?.onFigures(figures)
        },
        onNextOfCall: (next) => outbox?.onNextOfCall(next),
        onHealth: (health) => outbox?.onHealth(health),
        onFree: options.onFree ?? (() => undefined),
        onMigration: options.onMigration ?? (() => undefined),
      },
    )
    await markAsStore(path)
    await syncFolder(path)
    const limits = { total: options.inMemory ?? 20_000, perWebhook: options.inMemoryPerWebhook ?? 10_000 }
    outbox = new EmbeddedOutbox(thread, opened, lock, limits)
    await outbox.whenRead()
    return outbox
  } catch (error) {
    await lock.release()
    throw error
  }
}
