/**
 * Runs around every test file. A process that a test kills while it writes down its coverage leaves half a file, on which
 * the whole run would end; such files are removed when the tests of a file are over. Does nothing without coverage.
 */
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll } from 'vitest'

/** Removes what is no JSON from a folder of coverage files, of those written since `sinceMs`: the others have been looked at. */
export function removeHalfFiles(folder: string, sinceMs: number): void {
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder)) {
    const file = join(folder, name)
    if (!name.endsWith('.json')) continue
    const status = statSync(file, { throwIfNoEntry: false })
    if (status === undefined || status.mtimeMs < sinceMs) continue
    if (!isJson(readFileSync(file, 'utf8'))) rmSync(file)
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const folder = process.env['NODE_V8_COVERAGE']
const startedAtMs = Date.now() - performance.now()
if (folder !== undefined && folder !== '') afterAll(() => removeHalfFiles(folder, startedAtMs))
