/**
 * How many deliveries a second an engine makes at the most: what other benches take a share of.
 */
import { type Deliverer, deliverySlice } from '../deliveries/delivery-slice.ts'
import type { Receiver } from '../traffic/receiver.ts'

/** Pours in `count` twice, the first time to warm up; calls are numbered from `first` on. */
export async function mostDeliveries(
  engine: Deliverer,
  receiver: Receiver,
  first: number,
  count: number,
): Promise<number> {
  await deliverySlice(engine, receiver, { first, count })
  const { perSecond } = await deliverySlice(engine, receiver, { first: first + count, count })
  return perSecond
}
