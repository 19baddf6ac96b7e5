/**
 * Asking a second server when the first fails or dawdles: the first usable answer wins, the other request is dropped.
 * Knows nothing of HTTP; each server is asked at most once.
 */

/** A server being asked. */
export interface Asked<T> {
  readonly answer: Promise<T>
  /** Drops the request; its answer still comes, as whatever the server's being dropped means. */
  drop(): void
}

/** Both servers and when to ask the second. */
export interface Hedge<T> {
  readonly first: Asked<T>
  readonly askSecond: () => Asked<T>
  /** Ask the second as well after so long; undefined: only when the first has failed. */
  readonly afterMs: number | undefined
  readonly isUsable: (answer: T) => boolean
  /** Whether the second is worth asking after this answer of the first. */
  readonly isFinal: (answer: T) => boolean
}

/** What came of it; `second` is absent where it was not asked or was dropped. */
export type HedgeResult<T> =
  | { readonly kind: 'first'; readonly first: T }
  | { readonly kind: 'second'; readonly second: T }
  | { readonly kind: 'none'; readonly first: T; readonly second: T }

/** Asks the first server, and the second by the rules of `hedge`. */
export async function askHedged<T>(hedge: Hedge<T>): Promise<HedgeResult<T>> {
  const { first, isUsable } = hedge
  let second: Asked<T> | undefined
  const started = Promise.withResolvers<'late'>()
  const timer = hedge.afterMs === undefined ? undefined : setTimeout(() => started.resolve('late'), hedge.afterMs)
  try {
    const early = await Promise.race([first.answer, started.promise])
    if (early !== 'late') {
      if (isUsable(early) || hedge.isFinal(early)) return { kind: 'first', first: early }
      second = hedge.askSecond()
      const answer = await second.answer
      return isUsable(answer) ? { kind: 'second', second: answer } : { kind: 'none', first: early, second: answer }
    }
    second = hedge.askSecond()
    return await firstUsable(first, second, isUsable)
  } finally {
    clearTimeout(timer)
  }
}

async function firstUsable<T>(
  first: Asked<T>,
  second: Asked<T>,
  isUsable: (answer: T) => boolean,
): Promise<HedgeResult<T>> {
  const earlier = await Promise.race([
    first.answer.then((answer) => ({ by: 'first' as const, answer })),
    second.answer.then((answer) => ({ by: 'second' as const, answer })),
  ])
  if (isUsable(earlier.answer)) {
    if (earlier.by === 'first') {
      second.drop()
      return { kind: 'first', first: earlier.answer }
    }
    first.drop()
    return { kind: 'second', second: earlier.answer }
  }
  if (earlier.by === 'first') {
    const answer = await second.answer
    return isUsable(answer)
      ? { kind: 'second', second: answer }
      : { kind: 'none', first: earlier.answer, second: answer }
  }
  const answer = await first.answer
  return isUsable(answer) ? { kind: 'first', first: answer } : { kind: 'none', first: answer, second: earlier.answer }
}
