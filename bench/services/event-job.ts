/**
 * Events as the compared services read them: as little as they can get away with.
 */
import type { CallData } from '../traffic/call-data.ts'

/** What a job carries of an event. */
export interface EventJob {
  readonly id: string
  readonly data: CallData
}

/** The event that a request brings; throws where it is none, which Express and Fastify answer with an error. */
export function eventOf(body: unknown): EventJob {
  // What a service of this kind checks: that it is there. The rest is the customer's concern.
  const { id, data } = body as Partial<EventJob>
  if (typeof id !== 'string' || typeof data !== 'object') throw new TypeError('this is no event')
  return { id, data }
}

/** The call that an event tells of. */
export function numberOf({ id }: EventJob): number {
  return Number(id.slice(2))
}
