/**
 * Asking a second server when the first fails or dawdles: the first usable answer wins. Each server is asked at most once,
 * and the request that lost is left to end by itself within its limits: nobody waits for it, but it tells whether its server
 * is up, so that a first server that hangs opens its circuit and costs the next calls no wait. Knows nothing of HTTP.
 */

/** Both servers and when to ask the second. */
export interface Hedge<T> {
  /** The first server's answer; it has been asked. */
  readonly first: Promise<T>
  readonly askSecond: () => Promise<T>
  /** Ask the second as well after so long; undefined: only when the first has failed. */
  readonly afterMs: number | undefined
  readonly isUsable: (answer: T) => boolean
  /** Whether the second is worth asking after this answer of the first. */
  readonly isFinal: (answer: T) => boolean
}

/** What came of it; `second` is absent where it was not asked or was not waited for. */
export type HedgeResult<T> =
  | { readonly kind: 'first'; readonly first: T }
  | { readonly kind: 'second'; readonly second: T }
  | { readonly kind: 'none'; readonly first: T; readonly second: T }

/** Asks the second server by the rules of `hedge`. */
export async function askHedged<T>(hedge: Hedge<T>): Promise<HedgeResult<T>> {
  const { first, isUsable } = hedge
  const started = Promise.withResolvers<'late'>()
  const timer = hedge.afterMs === undefined ? undefined : setTimeout(() => started.resolve('late'), hedge.afterMs)
  try {
    const early = await Promise.race([first, started.promise])
    if (early === 'late') return await firstUsable(first, hedge.askSecond(), isUsable)
    if (isUsable(early) || hedge.isFinal(early)) return { kind: 'first', first: early }
    const answer = await hedge.askSecond()
    return isUsable(answer) ? { kind: 'second', second: answer } : { kind: 'none', first: early, second: answer }
  } finally {
    clearTimeout(timer)
  }
}

async function firstUsable<T>(
  first: Promise<T>,
  second: Promise<T>,
  isUsable: (answer: T) => boolean,
): Promise<HedgeResult<T>> {
  const earlier = await Promise.race([
    first.then((answer) => ({ by: 'first' as const, answer })),
    second.then((answer) => ({ by: 'second' as const, answer })),
  ])
  if (earlier.by === 'first') {
    if (isUsable(earlier.answer)) return { kind: 'first', first: earlier.answer }
    const answer = await second
    return isUsable(answer)
      ? { kind: 'second', second: answer }
      : { kind: 'none', first: earlier.answer, second: answer }
  }
  if (isUsable(earlier.answer)) return { kind: 'second', second: earlier.answer }
  const answer = await first
  return isUsable(answer) ? { kind: 'first', first: answer } : { kind: 'none', first: answer, second: earlier.answer }
}
