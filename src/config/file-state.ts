/**
 * Whether a file is still the one that was read: by what the system says of it, links followed, so that a file that was
 * replaced, rewritten, or reached through another link is told from what it was. Taken before the file is read, so that no
 * change after that is missed. Used where files are read and where they are watched.
 */
import { type BigIntStats, statSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { codeOf } from '../errors.ts'

/** A file as it was at one time. */
export interface FileState {
  readonly path: string
  /** Equal as long as nothing changed; how it is made is nobody's business. */
  readonly state: string
}

/** The state of the file at `path`; one that is not there or can't be seen has a state as well. */
export function fileStateSync(path: string): FileState {
  try {
    return { path, state: describe(statSync(path, { bigint: true })) }
  } catch (error) {
    return { path, state: reasonOf(error) }
  }
}

/** The same without holding the thread. */
export async function fileState(path: string): Promise<FileState> {
  try {
    return { path, state: describe(await stat(path, { bigint: true })) }
  } catch (error) {
    return { path, state: reasonOf(error) }
  }
}

function describe({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(':')
}

function reasonOf(error: unknown): string {
  return codeOf(error) || 'unreadable'
}
