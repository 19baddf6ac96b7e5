/**
 * How many requests are under way at once in every bench of deliveries, for all contenders alike: as many as keep a receiver
 * on the same machine busy, and no more, since waiting requests measure the queue.
 */

/** Requests in flight, and connections. */
export const IN_FLIGHT = 64
