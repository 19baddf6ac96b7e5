/**
 * Power cuts, simulated fairly: a process works on a store under `strace`, which writes down every write and sync of the
 * data file in the order in which the kernel did them. A disk that loses its power at some moment has what was synced by
 * then and of the later writes any selection, page by page; such a disk is built of the trace for any moment.
 */
import { readFileSync } from 'node:fs'

/** What the process did, in the kernel's order. */
export type TraceStep =
  | { readonly kind: 'write'; readonly offset: number; readonly bytes: Buffer; readonly isSynced: boolean }
  | { readonly kind: 'sync' }
  /** A line of the process's own output. */
  | { readonly kind: 'line'; readonly text: string }

/** Bytes that a disk writes whole or not at all. */
const PAGE_BYTES = 4096

/** Reads a trace made with {@link straceArguments}. */
export function readTrace(file: string, dataFile: string): TraceStep[] {
  const steps: TraceStep[] = []
  /** Descriptors of the data file: where they stand, and whether each write is synced. */
  const descriptors = new Map<number, { position: number; readonly isSynced: boolean }>()
  const unfinished = new Map<string, string>()
  for (const line of readFileSync(file, 'latin1').split('\n')) {
    const [, thread = '', rest = ''] = /^(\d+) +(.*)$/.exec(line) ?? []
    if (rest.endsWith('<unfinished ...>')) {
      unfinished.set(thread, rest.slice(0, -'<unfinished ...>'.length))
      continue
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest)
    const call = resumed === null ? rest : (unfinished.get(thread) ?? '') + (resumed[1] ?? '')
    const [, name = '', first = ''] = /^(\w+)\((AT_FDCWD|\d+)/.exec(call) ?? []
    const descriptor = Number(first)
    if (name === 'openat') {
      const opened = Number(/= (\d+)$/.exec(call)?.[1] ?? -1)
      const path = textsOf(call)[0]?.toString() ?? ''
      descriptors.delete(opened)
      if (path === dataFile) descriptors.set(opened, { position: 0, isSynced: call.includes('O_DSYNC') })
      continue
    }
    if (name === 'write' && descriptor === 1) {
      for (const text of Buffer.concat(textsOf(call)).toString().split('\n'))
        if (text !== '') steps.push({ kind: 'line', text })
      continue
    }
    const state = descriptors.get(descriptor)
    if (state === undefined) continue
    if (name === 'close') descriptors.delete(descriptor)
    else if (name === 'fdatasync' || name === 'fsync') steps.push({ kind: 'sync' })
    else if (name === 'lseek') state.position = Number(/, (\d+), SEEK_SET/.exec(call)?.[1] ?? 0)
    else if (name === 'pwrite64' || name === 'writev' || name === 'pwritev') {
      const bytes = Buffer.concat(textsOf(call))
      const offset = name === 'writev' ? state.position : Number(/, (\d+)\) += /.exec(call)?.[1] ?? 0)
      if (name === 'writev') state.position += bytes.length
      steps.push({ kind: 'write', offset, bytes, isSynced: state.isSynced })
    }
  }
  return steps
}

/** What `strace` has to be told. */
export function straceArguments(traceFile: string): string[] {
  const calls = 'openat,close,lseek,write,writev,pwrite64,pwritev,fdatasync,fsync'
  return ['-f', '-o', traceFile, '-xx', '-s', '16777216', '-e', `trace=${calls}`]
}

/** The file on a disk that lost its power after the first `steps`; `random` (0 to 1) chooses which unsynced pages it has. */
export function diskAfter(steps: readonly TraceStep[], random: () => number): Buffer {
  let disk = Buffer.alloc(0)
  let unsynced: { readonly offset: number; readonly bytes: Buffer }[] = []
  const put = (offset: number, bytes: Buffer): void => {
    if (offset + bytes.length > disk.length) {
      disk = Buffer.concat([disk, Buffer.alloc(offset + bytes.length - disk.length)])
    }
    bytes.copy(disk, offset)
  }
  for (const step of steps) {
    if (step.kind === 'write' && step.isSynced) put(step.offset, step.bytes)
    if (step.kind === 'write' && !step.isSynced) {
      for (let start = 0; start < step.bytes.length; start += PAGE_BYTES) {
        unsynced.push({ offset: step.offset + start, bytes: step.bytes.subarray(start, start + PAGE_BYTES) })
      }
    }
    if (step.kind === 'sync') {
      for (const { offset, bytes } of unsynced) put(offset, bytes)
      unsynced = []
    }
  }
  for (const { offset, bytes } of unsynced) if (random() < 0.5) put(offset, bytes)
  return disk
}

/** The texts of a call, which `-xx` writes as hexadecimal digits. */
function textsOf(call: string): Buffer[] {
  return [...call.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map((match) =>
    Buffer.from((match[1] ?? '').replaceAll('\\x', ''), 'hex'),
  )
}
