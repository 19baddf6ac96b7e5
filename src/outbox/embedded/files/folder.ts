/**
 * Folders whose names outlive a power cut: a new file's content is synced by who writes it, its name by its folder.
 * Used where a store is made and where it is copied.
 */
import { mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { messageOf, SwitchhookError } from '../../../errors.ts'

/** Makes a folder for its owner alone, with all above it that are missing; throws `unavailable` where that fails. */
export async function makeFolder(path: string): Promise<void> {
  try {
    const made = await mkdir(path, { recursive: true, mode: 0o700 })
    if (made === undefined) return
    for (let folder = path; folder.length >= made.length; folder = dirname(folder)) await syncFolder(folder)
    await syncFolder(dirname(made))
  } catch (error) {
    throw new SwitchhookError('unavailable', `the folder ${path} can't be made: ${messageOf(error)}`, { cause: error })
  }
}

/** Makes the names in a folder durable. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
