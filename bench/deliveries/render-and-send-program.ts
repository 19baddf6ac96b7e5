/**
 * Rendering and sending alone, in the engine's own worker thread: its micro-batches, its transport, its outcomes, but no
 * ingress, no routing and no outbox. What it costs beyond the limit is the price of the thread border and of the rendering.
 */
import { createBlock } from '../../src/metrics/layout.ts'
import type { Outcome } from '../../src/model/attempt.ts'
import type { Outgoing, SenderListener } from '../../src/worker/sender.ts'
import { WorkerSender } from '../../src/worker/worker-sender.ts'
import { answerCommands } from '../processes/answering.ts'
import { callData } from '../traffic/call-data.ts'
import { requestHeaderObject } from '../traffic/request-headers.ts'
import { engineConfig } from './engine-config.ts'
import { IN_FLIGHT } from './in-flight.ts'

/** What the process is asked. */
export type RenderAndSendCommands = {
  readonly open: (input: { readonly origin: string }) => Promise<void>
  /** Makes the deliveries of the calls from `first` on, before the clock runs. */
  readonly prepare: (input: { readonly first: number; readonly count: number }) => void
  /** Sends what was prepared, as fast as connections allow; resolves when all are answered. */
  readonly sendAll: (input: undefined) => Promise<void>
}

/** Deliveries in a batch: the thread works on one while the other half of the connections is answered. */
const BATCH = IN_FLIGHT / 2

answerCommands(renderAndSendCommands())

function renderAndSendCommands(): RenderAndSendCommands {
  let sender: WorkerSender | undefined
  let makeDelivery: (number: number) => Outgoing = () => {
    throw new Error('open comes first')
  }
  let prepared: readonly Outgoing[] = []
  let next = 0
  let ended = 0
  let done = Promise.withResolvers<void>()
  const ready = Promise.withResolvers<void>()
  const pump = (): void => {
    while (sender?.isReady === true && next < prepared.length && sender.inFlight <= IN_FLIGHT - BATCH) {
      sender.post(prepared.slice(next, next + BATCH))
      next += BATCH
    }
  }
  const listener: SenderListener = {
    onReady: () => {
      ready.resolve()
      pump()
    },
    onOutcomes: (_deliveries: readonly Outgoing[], outcomes: readonly Outcome[]) => {
      const failed = outcomes.find(({ result }) => result !== 'success')
      if (failed !== undefined) done.reject(new Error(`a delivery failed: ${failed.reason} ${failed.detail}`))
      ended += outcomes.length
      if (ended === prepared.length) done.resolve()
      pump()
    },
    onWorkerDeath: (_name, detail) => done.reject(new Error(detail)),
  }
  return {
    open: async ({ origin }) => {
      const config = engineConfig({ store: 'memory', folder: '.', origins: [origin] })
      const webhook = config.webhooks[1]
      if (webhook === undefined) throw new Error('there is no webhook')
      sender = new WorkerSender('1', { version: '0.1.0', metricsBlock: createBlock() }, listener)
      const { pointNames } = config
      sender.configure({ pointNames, maxConnectionsPerEndpoint: IN_FLIGHT, refusedListeners: [] })
      const source = { webhook, version: 1, metricsRow: 0 }
      makeDelivery = (number) => {
        const { 'webhook-id': deliveryId = '', traceparent = '' } = requestHeaderObject(number)
        return { deliveryId, traceparent, payload: JSON.stringify(callData(number)), context: '', source }
      }
      await ready.promise
    },
    prepare: ({ first, count }) => {
      prepared = Array.from({ length: count }, (_, index) => makeDelivery(first + index))
      next = 0
      ended = 0
      done = Promise.withResolvers()
    },
    sendAll: async () => {
      pump()
      await done.promise
    },
  }
}
