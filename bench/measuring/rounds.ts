/**
 * Rounds of interleaved slices: each round measures every contender once, each round in another order, so that what the
 * machine does meanwhile meets all of them, and none always comes after the same other. A first round warms up and is not
 * counted: the first run of a program costs 10 to 25 % more.
 */

/** Something that is measured a slice at a time. */
export interface Contender<Measured> {
  readonly name: string
  /** Measures one slice; rounds count from 0, the first is the warm-up. */
  readonly slice: (round: number) => Promise<Measured>
}

/** The counted slices of each contender, by name, in the order of the rounds. */
export type Measurements<Measured> = ReadonlyMap<string, readonly Measured[]>

/** Measures all contenders in `rounds` counted rounds, and one before. */
export async function inRounds<Measured>(
  contenders: readonly Contender<Measured>[],
  rounds: number,
): Promise<Measurements<Measured>> {
  const measured = new Map<string, Measured[]>(contenders.map(({ name }) => [name, []]))
  for (let round = 0; round <= rounds; round += 1) {
    for (const { name, slice } of orderOfRound(contenders, round)) {
      const value = await slice(round)
      if (round > 0) measured.get(name)?.push(value)
    }
  }
  return measured
}

/** Begins with another one each round, and goes backwards every other time. */
export function orderOfRound<Each>(all: readonly Each[], round: number): readonly Each[] {
  const start = all.length === 0 ? 0 : round % all.length
  const turned = [...all.slice(start), ...all.slice(0, start)]
  return round % 2 === 0 ? turned : turned.reverse()
}

/** The slices of one contender; throws where there is none of that name, which is a mistake of the bench. */
export function slicesOf<Measured>(measured: Measurements<Measured>, name: string): readonly Measured[] {
  const slices = measured.get(name)
  if (slices === undefined) throw new Error(`'${name}' was not measured`)
  return slices
}
