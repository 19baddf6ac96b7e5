/**
 * The contenders of deliveries that Switchhook has a part in, and the limit: each is started here and described in the same
 * terms, so that one bench measures all of them alike.
 */
import { join } from 'node:path'
import { Program } from '../processes/program.ts'
import type { EventSourceCommands } from '../traffic/event-source-program.ts'
import type { Receiver } from '../traffic/receiver.ts'
import type { ClientCommands } from './client-program.ts'
import { type ClientName, LIMIT } from './clients.ts'
import type { Deliverer } from './delivery-slice.ts'
import type { EngineCommands } from './engine-program.ts'
import type { RenderAndSendCommands } from './render-and-send-program.ts'

/** Events of a request, where a service takes many. */
export const EVENTS_A_REQUEST = 100

/** Requests of events under way at once. */
const REQUESTS_AT_ONCE = 4

/** Starts the event source, aimed at a service. */
export async function startSource(
  stack: AsyncDisposableStack,
  origin: string,
  path = '/v1/events',
): Promise<Program<EventSourceCommands>> {
  const source = stack.use(
    Program.start<EventSourceCommands>(new URL('../traffic/event-source-program.ts', import.meta.url)),
  )
  await source.ask('open', { origin, path })
  return source
}

/** An HTTP client that sends prepared bytes, the same again each of `times`. */
export async function clientDeliverer(
  stack: AsyncDisposableStack,
  receiver: Receiver,
  client: ClientName,
  times = 1,
): Promise<Deliverer> {
  const program = stack.use(Program.start<ClientCommands>(new URL('./client-program.ts', import.meta.url)))
  await program.ask('open', { client, origin: receiver.origin() })
  return {
    name: client,
    program,
    prepare: (calls) => program.ask('prepare', calls),
    deliver: async () => {
      await program.ask('sendAll', undefined)
      return undefined
    },
    settle: () => Promise.resolve(),
    times,
  }
}

/**
 * Slices in a row of bare dispatch where it is a control and nothing is divided by it: it delivers several times as fast as an
 * engine, and a slice as short as that tells more of its own luck than of the machine.
 */
const CONTROL_TIMES = 3

/** Bare dispatch as the control of a bench. */
export function controlDeliverer(stack: AsyncDisposableStack, receiver: Receiver): Promise<Deliverer> {
  return clientDeliverer(stack, receiver, LIMIT, CONTROL_TIMES)
}

/** Rendering and sending in the engine's worker, alone. */
export async function renderAndSendDeliverer(stack: AsyncDisposableStack, receiver: Receiver): Promise<Deliverer> {
  const program = stack.use(
    Program.start<RenderAndSendCommands>(new URL('./render-and-send-program.ts', import.meta.url)),
  )
  await program.ask('open', { origin: receiver.origin() })
  return {
    name: 'Switchhook: render and send',
    program,
    prepare: (calls) => program.ask('prepare', calls),
    deliver: async () => {
      await program.ask('sendAll', undefined)
      return undefined
    },
    settle: () => Promise.resolve(),
  }
}

/** The whole engine, which gets NDJSON. */
export async function engineDeliverer(
  stack: AsyncDisposableStack,
  receiver: Receiver,
  store: 'memory' | 'embedded',
  folder: string,
): Promise<Deliverer> {
  const program = stack.use(Program.start<EngineCommands>(ENGINE_FILE))
  const wish = { store, folder: join(folder, 'store'), origins: [receiver.origin()] }
  const origin = await program.ask('start', wish)
  const name = `Switchhook: whole engine, ${store === 'memory' ? 'in memory' : 'durable'}`
  return pouringDeliverer(name, program, await startSource(stack, origin))
}

/** An engine that is poured NDJSON into. */
export function pouringDeliverer(
  name: string,
  program: Program<EngineCommands>,
  source: Program<EventSourceCommands>,
): Deliverer {
  return {
    name,
    program,
    prepare: ({ first, count }) => source.ask('prepare', { first, count, perRequest: EVENTS_A_REQUEST }),
    deliver: () => source.ask('pour', { inFlight: REQUESTS_AT_ONCE }),
    settle: () => program.ask('settled', undefined),
  }
}

/** The file of the engine's process. */
export const ENGINE_FILE: URL = new URL('./engine-program.ts', import.meta.url)
