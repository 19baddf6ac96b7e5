/**
 * What crosses the channel between the bench and one of its processes. Both ends are files of this folder's parent, compiled
 * against the same interface of commands, so that neither checks what the other says.
 */

/** Commands by name; each takes one value and gives one, both fit for structured clone. */
export type Commands = { readonly [name: string]: (input: never) => unknown }

/** From the bench. */
export interface Question {
  readonly number: number
  readonly command: string
  readonly input: unknown
}

/** From the process. */
export type Answer =
  | { readonly number: number; readonly kind: 'done'; readonly output: unknown }
  | { readonly number: number; readonly kind: 'failed'; readonly detail: string }

/** What lives in a process, after a collection: it must be started with `--expose-gc`. */
export interface LiveMemory {
  /** Of JavaScript's heap and of buffers beside it. */
  readonly bytes: number
}

/** What a process has used since it started. */
export interface Usage {
  /** User and system time of all its threads (getrusage), in microseconds. */
  readonly cpuUs: number
  readonly residentBytes: number
  /** Sockets, timers, threads and whatever else keeps it alive. */
  readonly handles: number
}
