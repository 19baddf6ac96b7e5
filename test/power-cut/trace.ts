/**
 * Reads what strace recorded of the writer: writes to the data file, syncs of it, and promises on standard output, in the
 * order in which they happened. A call that was interrupted in the record by other threads' is put together again.
 */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Promised } from './promised.ts'

/** One step of the record. */
export type Step =
  /** Bytes handed to the system; `isSynced`: through a descriptor that waits for the disk. */
  | { readonly kind: 'write'; readonly at: number; readonly bytes: Buffer; readonly isSynced: boolean }
  /** A sync began; everything written before is on the disk when it has ended. */
  | { readonly kind: 'sync-begin'; readonly call: string }
  | { readonly kind: 'sync-end'; readonly call: string }
  | { readonly kind: 'promised'; readonly promised: Promised }

/** System calls that strace has to record. */
const RECORDED_CALLS = 'openat,write,pwrite64,pwritev,writev,lseek,fdatasync,fsync,msync,ftruncate'

/** Options of strace that this reader understands. */
export const STRACE_OPTIONS: readonly string[] = ['-f', '-y', '-xx', '-s', '16777216', '-e', `trace=${RECORDED_CALLS}`]

/** Reads the record of a process that kept its data in `dataFile`. */
export async function readTrace(recordFile: string, dataFile: string): Promise<readonly Step[]> {
  const reader = new TraceReader(dataFile)
  for await (const line of createInterface({
    input: createReadStream(recordFile),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    reader.read(line)
  }
  return reader.steps
}

class TraceReader {
  readonly steps: Step[] = []
  readonly #dataFile: string
  /** Beginnings of calls that were interrupted, by thread. */
  readonly #unfinished = new Map<string, string>()
  readonly #syncedDescriptors = new Set<string>()
  #syncs = 0
  readonly #syncOfThread = new Map<string, string>()

  /** Where the next `writev` through a descriptor goes. */
  readonly #positions = new Map<string, number>()

  constructor(dataFile: string) {
    // strace writes paths as it writes all bytes, in hexadecimal.
    this.#dataFile = Buffer.from(dataFile).toString('hex').replace(/../g, '\\x$&')
  }

  read(line: string): void {
    const [, thread = '', text = ''] = /^(\d+)\s+(.*)$/s.exec(line) ?? []
    if (text.endsWith('<unfinished ...>')) {
      const begin = text.slice(0, -'<unfinished ...>'.length)
      this.#unfinished.set(thread, begin)
      if (this.#isSync(begin)) this.#beginSync(thread)
      return
    }
    const resumed = /^<\.\.\. (\w+) resumed>(.*)$/s.exec(text)
    if (resumed === null) {
      if (this.#isSync(text)) this.#beginSync(thread)
      this.#call(thread, text)
      return
    }
    const begin = this.#unfinished.get(thread) ?? ''
    this.#unfinished.delete(thread)
    this.#call(thread, begin + (resumed[2] ?? ''))
  }

  #isSync(text: string): boolean {
    return /^(?:fdatasync|fsync|msync)\(/.test(text) && (text.includes(this.#dataFile) || text.startsWith('msync('))
  }

  #beginSync(thread: string): void {
    this.#syncs += 1
    const call = `${this.#syncs}`
    this.#syncOfThread.set(thread, call)
    this.steps.push({ kind: 'sync-begin', call })
  }

  #call(thread: string, text: string): void {
    const result = /= (-?\d+)[^=]*$/.exec(text)
    if (result === null || Number(result[1]) < 0) return
    if (this.#isSync(text)) {
      this.steps.push({ kind: 'sync-end', call: this.#syncOfThread.get(thread) ?? '' })
    } else if (text.startsWith('openat(')) {
      if (text.includes('O_DSYNC')) this.#syncedDescriptors.add(result[1] ?? '')
      else this.#syncedDescriptors.delete(result[1] ?? '')
    } else if (text.startsWith('write(1<')) {
      this.#promise(text)
    } else if (text.includes(`<${this.#dataFile}>`)) {
      this.#write(text)
    }
  }

  #promise(text: string): void {
    for (const line of bytesOf(text).toString().split('\n')) {
      if (line.startsWith('{')) this.steps.push({ kind: 'promised', promised: JSON.parse(line) })
    }
  }

  #write(text: string): void {
    const [, name, descriptor = ''] = /^(\w+)\((\d+)</.exec(text) ?? []
    const result = Number(/= (\d+)[^=]*$/.exec(text)?.[1])
    const isSynced = this.#syncedDescriptors.has(descriptor)
    switch (name) {
      case 'lseek':
        this.#positions.set(descriptor, result)
        return
      case 'writev': {
        const at = this.#positions.get(descriptor) ?? 0
        this.steps.push({ kind: 'write', at, bytes: bytesOf(text), isSynced })
        this.#positions.set(descriptor, at + result)
        return
      }
      case 'pwrite64':
      case 'pwritev': {
        const at = Number(/, (\d+)\s*\)\s+= \d+[^=]*$/.exec(text)?.[1])
        this.steps.push({ kind: 'write', at, bytes: bytesOf(text), isSynced })
        return
      }
      default:
        throw new Error(`the record has a call that is not understood: ${text.slice(0, 200)}`)
    }
  }
}

/** All bytes between quotation marks, of one buffer or of several. */
function bytesOf(text: string): Buffer {
  const parts = [...text.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, hex = '']) =>
    Buffer.from(hex.replaceAll('\\x', ''), 'hex'),
  )
  return Buffer.concat(parts)
}
