/**
 * The disk of the experiment: a small file system in memory that somebody else can fill, and that can be made to refuse
 * every write. Where it may not be mounted, a limit on the size of the engine's files stands for it: at the size that the
 * data file has it can't grow, as on a full disk.
 *
 * Read-only: Linux refuses to remount a file system while a file on it is open for writing, as the store's is. A disk that
 * breaks under an open file lets it stay open and fails each write; that is what a limit of 0 bytes does, on either volume.
 */
import { execFile } from 'node:child_process'
import { mkdir, rm, stat, statfs, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { codeOf } from '../../../src/errors.ts'
import { DATA_FILE } from '../../../src/outbox/embedded/files/tables.ts'

const execute = promisify(execFile)

/** What the experiment does to the disk. */
export interface Volume extends AsyncDisposable {
  readonly kind: 'mounted' | 'limited'
  /** Where the store lies. */
  readonly storePath: string
  /** Somebody else leaves only so many bytes; undefined: this volume can't leave a part. */
  readonly leave: ((bytes: number) => Promise<void>) | undefined
  /** Not one more byte. */
  fill(pid: number): Promise<void>
  /** What was filled is free again. */
  giveBack(pid: number): Promise<void>
}

/** Mounts a file system of `bytes` in `folder`; undefined where that is not allowed. */
export async function mountVolume(folder: string, bytes: number): Promise<Volume | undefined> {
  const root = join(folder, 'disk')
  await mkdir(root)
  try {
    await execute('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'switchhook-experiment', root])
  } catch {
    // Not root, or no right to mount in this container: the caller says so.
    await rm(root, { recursive: true })
    return undefined
  }
  const other = join(root, 'somebody-else')
  const leave = async (left: number): Promise<void> => {
    const { bavail, bsize } = await statfs(root)
    const size = await stat(other).then(
      (file) => file.size,
      () => 0,
    )
    const target = size + bavail * bsize - left
    if (target < size) await truncate(other, target)
    // Written and not only named: a hole takes no room.
    else await writeFile(other, Buffer.alloc(target - size, 1), { flag: 'a' }).catch(ignoreFull)
  }
  return {
    kind: 'mounted',
    storePath: join(root, 'store'),
    leave,
    fill: () => leave(0),
    giveBack: () => rm(other),
    [Symbol.asyncDispose]: async () => {
      await execute('umount', [root])
    },
  }
}

/** A limit on the size of the engine's files instead of a disk. */
export function limitVolume(folder: string): Volume {
  const storePath = join(folder, 'store')
  return {
    kind: 'limited',
    storePath,
    leave: undefined,
    fill: async (pid) => limitFiles(pid, (await stat(join(storePath, DATA_FILE))).size),
    giveBack: (pid) => limitFiles(pid, 'unlimited'),
    [Symbol.asyncDispose]: async () => undefined,
  }
}

/** Tries to make the file system read-only, as it is; gives what the system said where it refused. */
export async function remountReadOnly({ kind, storePath }: Volume): Promise<string> {
  if (kind === 'limited') return 'not tried, nothing is mounted'
  const root = join(storePath, '..')
  try {
    await execute('mount', ['-o', 'remount,ro', root])
  } catch (error) {
    return error instanceof Error && error.message.includes('busy') ? 'refused by the system: busy' : String(error)
  }
  await execute('mount', ['-o', 'remount,rw', root])
  return 'done'
}

/** Lets a process write no byte at or behind this place of any file. */
export async function limitFiles(pid: number, bytes: number | 'unlimited'): Promise<void> {
  await execute('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`])
}

/** Others may take the last bytes first. */
function ignoreFull(error: unknown): void {
  if (codeOf(error) === 'ENOSPC') return
  throw error
}
