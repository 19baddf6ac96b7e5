/**
 * Times functions that do the same job, with tinybench: what they give is compared first, then they are timed in interleaved
 * slices. A timed step makes many calls, since one alone is over before the clock has moved.
 */
import { Bench as TinyBench } from 'tinybench'
import type { BenchSettings } from '../bench.ts'
import { roundsOf } from '../bench.ts'
import type { Series, Table } from '../measuring/result.ts'
import { inRounds, type Measurements, slicesOf } from '../measuring/rounds.ts'
import { pairedRatios } from '../measuring/spread.ts'

/** Functions that do the same job on the same inputs. */
export interface Comparison<Input> {
  readonly title: string
  /** Each timed call takes the next. */
  readonly inputs: readonly Input[]
  /** The one that the others are compared with. */
  readonly control: string
  readonly candidates: readonly Candidate<Input>[]
}

/** One way of doing it. */
export interface Candidate<Input> {
  readonly name: string
  readonly run: (input: Input) => unknown
}

/** Nanoseconds a call, a value a round, by the candidate's name. */
export interface Timing {
  readonly table: Table
  readonly control: Series
  /** A candidate's time divided by another's, round by round. */
  readonly ratio: (name: string, to: string) => readonly number[]
}

/** Calls in a timed step. */
const CALLS = 200

/** Length of a candidate's slice, and of its warm-up. */
const SLICE_MS = { shortest: 3, check: 60, full: 250 }

/** Times a comparison; throws where candidates give different things for the same input. */
export async function timeFunctions<Input>(comparison: Comparison<Input>, settings: BenchSettings): Promise<Timing> {
  checkSame(comparison)
  return await timeEach(comparison, settings)
}

/** The same of functions that do different jobs, and were checked one by one. */
export async function timeEach<Input>(comparison: Comparison<Input>, settings: BenchSettings): Promise<Timing> {
  const { title, inputs, control, candidates } = comparison
  const timeMs = SLICE_MS[settings.size]
  const contenders = candidates.map(({ name, run }) => ({ name, slice: () => timeOne(name, inputs, run, timeMs) }))
  const measured = await inRounds(contenders, roundsOf(settings))
  const ratio = (name: string, to: string): readonly number[] =>
    pairedRatios(slicesOf(measured, name), slicesOf(measured, to))
  return {
    table: tableOf(title, control, measured),
    control: { name: `${title}: ${control}`, unit: 'ns', values: slicesOf(measured, control) },
    ratio,
  }
}

/** Throws unless all candidates give the same for every input. */
function checkSame<Input>({ title, inputs, candidates }: Comparison<Input>): void {
  for (const input of inputs) {
    const [first, ...others] = candidates.map(({ name, run }) => ({ name, given: JSON.stringify(run(input)) }))
    for (const { name, given } of others) {
      if (given === first?.given) continue
      throw new Error(`${title}: ${name} gives ${given}, ${first?.name} gives ${first?.given}`)
    }
  }
}

/** Nanoseconds a call. */
async function timeOne<Input>(
  name: string,
  inputs: readonly Input[],
  run: (input: Input) => unknown,
  timeMs: number,
): Promise<number> {
  const bench = new TinyBench({ time: timeMs, warmupTime: timeMs, iterations: 5, warmupIterations: 2, throws: true })
  // What is not used the engine need not compute.
  let sink: unknown
  bench.add(name, () => {
    for (let call = 0; call < CALLS; call += 1) {
      // Never beyond the end, where an input could be undefined that is none.
      sink = run(inputs[call % inputs.length] as Input)
    }
  })
  const [task] = await bench.run()
  if (sink === undefined) throw new Error(`${name} gave nothing`)
  const result = task?.result
  if (result?.state !== 'completed') throw new Error(`${name} was not timed`)
  return (result.latency.p50 * 1e6) / CALLS
}

function tableOf(title: string, control: string, measured: Measurements<number>): Table {
  return {
    title,
    columns: ['candidate', 'a call', `times ${control}`],
    rows: [...measured].map(([name, values]) => [
      name,
      { name, unit: 'ns', values },
      { name, unit: '', values: pairedRatios(values, slicesOf(measured, control)) },
    ]),
  }
}
