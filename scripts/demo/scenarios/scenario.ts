/**
 * What a scenario is: one kind of call. Scenarios are played again and again; `round` counts from 0, so that each round can
 * be another variant of the same story.
 */
import type { Call } from '../call.ts'
import type { CallFacts } from '../call-events.ts'

/** One kind of call. */
export interface Scenario {
  /** In the story and the summary. */
  readonly kind: string
  readonly account: CallFacts['account']
  /** The number that is called. */
  readonly calledNumber: string
  /** How the switch at that number speaks; default JSON. */
  readonly sentAs?: CallFacts['sentAs']
  /** Plays one call from ringing to hanging up. */
  play(call: Call, round: number): Promise<void>
}

/** The variant of a round; after the last comes the first again. */
export function variantOf<Variant>(variants: readonly [Variant, ...Variant[]], round: number): Variant {
  return variants[round % variants.length] ?? variants[0]
}
