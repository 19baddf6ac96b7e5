/**
 * Every row of the API's document; a test compares them with the routes that there are, in both directions.
 */
import { DELIVERY_OPERATIONS } from './delivery-operations.ts'
import { EVENT_OPERATIONS } from './event-operations.ts'
import { MANAGEMENT_OPERATIONS } from './management-operations.ts'
import type { Operation } from './operation.ts'
import { STATE_OPERATIONS } from './state-operations.ts'

/** In the order in which the document lists them. */
export const OPERATIONS: readonly Operation[] = [
  ...EVENT_OPERATIONS,
  ...DELIVERY_OPERATIONS,
  ...MANAGEMENT_OPERATIONS,
  ...STATE_OPERATIONS,
]
