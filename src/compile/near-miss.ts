/**
 * The name that somebody probably meant. Only used to word messages while compiling, never while rendering.
 * Invariant: a suggestion is at most two edits away (one for names of up to three letters), or differs only in case.
 */

/** The candidate nearest to `name`, or `undefined` where none is near; of equally near ones the first. */
export function nearMiss(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase()
  let best: string | undefined
  let bestDistance = wanted.length <= 3 ? 2 : 3
  for (const candidate of candidates) {
    // The difference in length is a lower bound: most candidates need no table.
    if (Math.abs(candidate.length - wanted.length) >= bestDistance) continue
    const distance = editDistance(wanted, candidate.toLowerCase())
    if (distance < bestDistance && distance < wanted.length) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** `: did you mean X?` for the nearest candidate as `show` words it, else `otherwise`. */
export function suggestion(
  name: string,
  candidates: Iterable<string>,
  show: (candidate: string) => string,
  otherwise: string,
): string {
  const near = nearMiss(name, candidates)
  return near === undefined ? otherwise : `: did you mean ${show(near)}?`
}

/** Edits from `left` to `right`: insert, delete, replace a character, or swap two neighbours (optimal string alignment). */
function editDistance(left: string, right: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let row = 1; row <= left.length; row++) {
    const current = [row]
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1]
      let cost = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      )
      const swapped =
        row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]
      if (swapped) cost = Math.min(cost, (beforeLast[column - 2] ?? 0) + 1)
      current.push(cost)
    }
    beforeLast = last
    last = current
  }
  return last[right.length] ?? 0
}
