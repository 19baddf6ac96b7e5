/**
 * Slices of live calls to one callee after the other, from the calling process: latencies, and processor time a call.
 */
import type { Histogram } from 'hdr-histogram-js'
import { Program } from '../processes/program.ts'
import type { Callee } from './callees.ts'
import type { CallerCommands } from './caller-program.ts'
import { decodeLatencies, percentileMs } from './latencies.ts'

/** What a slice gives. */
export interface CallFigures {
  readonly latencies: Histogram
  readonly p50Ms: number
  readonly p99Ms: number
  /** Of the callee's process, a call; 0 where nobody stands between. */
  readonly cpuUs: number
}

/** How calls are made. */
export interface CallRate {
  readonly perSecond: number
  readonly durationMs: number
}

/** See the head of this file. */
export class Caller {
  readonly #program: Program<CallerCommands>
  readonly #targets = new Map<string, number>()
  #made = 0

  private constructor(program: Program<CallerCommands>) {
    this.#program = program
  }

  /** Starts the calling process. */
  static start(stack: AsyncDisposableStack): Caller {
    return new Caller(stack.use(Program.start<CallerCommands>(new URL('./caller-program.ts', import.meta.url))))
  }

  /** Makes calls for a while; rejects unless each got its answer. */
  async call(callee: Callee, { perSecond, durationMs }: CallRate): Promise<CallFigures> {
    const known = this.#targets.get(callee.name)
    const target = known ?? (await this.#program.ask('open', callee.target))
    this.#targets.set(callee.name, target)
    const before = await callee.program?.usage()
    const slice = await this.#program.ask('call', { target, first: this.#made, perSecond, durationMs }, durationMs)
    const after = await callee.program?.usage()
    this.#made += slice.calls
    const latencies = decodeLatencies(slice.latencies)
    return {
      latencies,
      p50Ms: percentileMs(latencies, 50),
      p99Ms: percentileMs(latencies, 99),
      cpuUs: before === undefined || after === undefined ? 0 : (after.cpuUs - before.cpuUs) / slice.calls,
    }
  }
}
