/**
 * Before lmdb maps the data file: is it there, whole, and one of ours? A marker beside it says that a store was made here,
 * so that a data file that is gone or empty is reported, never silently made anew.
 */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { SwitchhookError } from '../../../errors.ts'
import { checkDataFile, type Depth } from './page-walk.ts'
import { DATA_FILE } from './tables.ts'

/** Beside the data file once a store has been made. */
export const MARKER_FILE = 'switchhook-store'

const MARKER_TEXT = 'This folder is a Switchhook store. The data lie in switchhook.mdb.\n'

/** Throws `unavailable` with what is wrong; returns where the store can be opened, or where there is none yet. */
export async function checkBeforeOpening(folder: string, depth: Depth): Promise<void> {
  if (!isStore(folder)) {
    const file = join(folder, DATA_FILE)
    // A first start that was cut short leaves nothing or an empty file; with content it is a store without its marker.
    if (!existsSync(file)) return
    if (statSync(file).size === 0) {
      await rm(file)
      return
    }
  }
  const problems = problemsOf(folder, depth)
  if (problems.length > 0) {
    throw new SwitchhookError(
      'unavailable',
      `the store in ${folder} is damaged and was left as it is: ${problems[0]}`,
      {
        issues: problems,
      },
    )
  }
}

/** What is wrong with a store's file, a line each. */
export function problemsOf(folder: string, depth: Depth): readonly string[] {
  const file = join(folder, DATA_FILE)
  if (!existsSync(file)) return [`${DATA_FILE} is gone`]
  return statSync(file).size === 0 ? [`${DATA_FILE} is empty`] : checkDataFile(file, depth)
}

/** True where a store was made in the folder. */
export function isStore(folder: string): boolean {
  const marker = join(folder, MARKER_FILE)
  return existsSync(marker) && readFileSync(marker, 'utf8') === MARKER_TEXT
}

/** Says that a store was made here; the folder has to be synced afterwards. */
export async function markAsStore(folder: string): Promise<void> {
  if (isStore(folder)) return
  const marker = await open(join(folder, MARKER_FILE), 'w', 0o600)
  try {
    await marker.writeFile(MARKER_TEXT)
    await marker.sync()
  } finally {
    await marker.close()
  }
}
