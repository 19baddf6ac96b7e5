/**
 * What a process uses: processor time, and memory apart from the pages of the store's file that the system has mapped into it: those are the
 * system's page cache, and given up when others need the room. Linux only.
 */
import { readFile } from 'node:fs/promises'

/** Bytes in memory. */
export interface ProcessMemory {
  /** Everything: what tools show as RSS. */
  readonly residentBytes: number
  /** Of that, pages of files in the given folder. */
  readonly mappedBytes: number
  /** The rest. */
  readonly ownBytes: number
}

/** What the system counts processor time in, as every Linux shows it (`getconf CLK_TCK`: 100 a second). */
const TICK_MS = 10

/** Reads the mappings of a process; `folder` is that of its store. */
export async function readMemory(pid: number, folder: string): Promise<ProcessMemory> {
  let residentBytes = 0
  let mappedBytes = 0
  let isStore = false
  for (const line of (await readFile(`/proc/${pid}/smaps`, 'latin1')).split('\n')) {
    if (/^[0-9a-f]+-[0-9a-f]+ /.test(line)) isStore = line.includes(folder)
    const [, size] = /^Rss: +(\d+) kB$/.exec(line) ?? []
    if (size === undefined) continue
    residentBytes += Number(size) * 1024
    if (isStore) mappedBytes += Number(size) * 1024
  }
  return { residentBytes, mappedBytes, ownBytes: residentBytes - mappedBytes }
}

/** Processor time that a process has used, all its threads together. */
export async function readCpuMs(pid: number): Promise<number> {
  // The name in parentheses may hold anything; user and system time are the 12th and 13th field behind it.
  const fields = (await readFile(`/proc/${pid}/stat`, 'latin1')).replace(/^.*\) /, '').split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS
}

/** `123 MiB`. */
export function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`
}
