/**
 * Folders whose names outlive a power cut: a new file's content is synced by who writes it, its name by its folder.
 * Used where a store is made and where it is copied.
 */
import { mkdir, open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { codeOf, messageOf, SwitchhookError } from '../../../errors.ts'

/** Makes a folder for its owner alone, with all above it that are missing; throws `unavailable` where that fails. */
export async function makeFolder(path: string): Promise<void> {
  try {
    await makeMissing(path)
  } catch (error) {
    throw new SwitchhookError('unavailable', `the folder ${path} can't be made: ${messageOf(error)}`, { cause: error })
  }
}

/** Not by the recursion of `mkdir` itself: where a file system takes no folders and says that one above is missing it never ends. */
async function makeMissing(path: string): Promise<void> {
  const failure = await tryMake(path)
  if (failure === undefined) return
  if (codeOf(failure) !== 'ENOENT' || dirname(path) === path) throw failure
  await makeMissing(dirname(path))
  const again = await tryMake(path)
  if (again !== undefined) throw again
}

/** Makes one folder, durably, unless it is there; gives what went wrong. */
async function tryMake(path: string): Promise<unknown> {
  try {
    await mkdir(path, { mode: 0o700 })
  } catch (error) {
    return codeOf(error) !== 'ENOENT' && (await isFolder(path)) ? undefined : error
  }
  await syncFolder(path)
  await syncFolder(dirname(path))
  return undefined
}

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
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
