/**
 * All benches, in the order in which they run: last those that are left out where the check runs out of time.
 */
import type { Bench } from './bench.ts'
import { deliveriesBench } from './deliveries/deliveries-bench.ts'
import { functionsBench } from './functions/functions-bench.ts'
import { liveCallsBench } from './live-calls/live-calls-bench.ts'
import { recordingBench } from './recording/recording-bench.ts'
import { endpointsBench } from './scale/endpoints-bench.ts'
import { webhooksBench } from './scale/webhooks-bench.ts'
import { servicesBench } from './services/services-bench.ts'
import { soakBench } from './soak/soak-bench.ts'
import { tracingBench } from './tracing/tracing-bench.ts'
import { underLoadBench } from './under-load/under-load-bench.ts'

/** See the head of this file. */
export const BENCHES: readonly Bench[] = [
  functionsBench,
  deliveriesBench,
  recordingBench,
  liveCallsBench,
  webhooksBench,
  endpointsBench,
  underLoadBench,
  servicesBench,
  tracingBench,
  soakBench,
]
