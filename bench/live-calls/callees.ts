/**
 * Whom live calls are made to, each a process of its own in front of the same receiver: nobody (the call goes straight to the
 * receiver), Switchhook, and the proxies that others would write.
 */

import { ENGINE_FILE } from '../deliveries/deliverers.ts'
import { LIVE_WEBHOOK } from '../deliveries/engine-config.ts'
import type { EngineCommands } from '../deliveries/engine-program.ts'
import { REQUEST_PATH } from '../deliveries/prepared-request.ts'
import type { Commands } from '../processes/commands.ts'
import { Program } from '../processes/program.ts'
import type { Receiver } from '../traffic/receiver.ts'
import type { CallTarget } from './caller-program.ts'
import { PROXY_PATH, type ProxyCommands } from './proxy-commands.ts'

/** What the receiver answers: variables of a call, as VCC Live's document has them. */
export const ANSWER = '{"customer_name":"Ann","level":3}'

/** Stands in the answer of whoever made a decision of it. */
const DECIDED = '"kind":"set-variables"'

/** Whom calls are made to. */
export interface Callee {
  readonly name: string
  readonly target: CallTarget
  /** Undefined: the receiver itself. */
  readonly program: Pick<Program<Commands>, 'usage'> | undefined
}

/** Names of callees that ratios are made of. */
export const DIRECT = 'nobody between'
export const SWITCHHOOK = 'Switchhook invoke'
export const FASTIFY_PROXY = 'Fastify, handlebars, undici'
export const EXPRESS_PROXY = 'Express, handlebars, axios'

/** The receiver itself, with prepared bodies. */
export function directCallee(receiver: Receiver): Callee {
  const target = {
    origin: receiver.origin(),
    path: REQUEST_PATH,
    sends: 'body',
    answerHolds: '"customer_name"',
  } as const
  return { name: DIRECT, target, program: undefined }
}

/** A service of Switchhook that runs already. */
export function switchhookCallee(program: Program<EngineCommands>, origin: string): Callee {
  const path = `/v1/webhooks/${LIVE_WEBHOOK}/invoke`
  return { name: SWITCHHOOK, target: { origin, path, sends: 'event', answerHolds: DECIDED }, program }
}

/** Starts Switchhook in memory. */
export async function startSwitchhook(stack: AsyncDisposableStack, receiver: Receiver): Promise<Callee> {
  const program = stack.use(Program.start<EngineCommands>(ENGINE_FILE))
  const wish = { store: 'memory', folder: '', origins: [receiver.origin()] } as const
  return switchhookCallee(program, await program.ask('start', wish))
}

/** Starts a proxy of others. */
export async function startProxy(
  stack: AsyncDisposableStack,
  receiver: Receiver,
  name: typeof FASTIFY_PROXY | typeof EXPRESS_PROXY,
): Promise<Callee> {
  const file = name === FASTIFY_PROXY ? './fastify-proxy-program.ts' : './express-proxy-program.ts'
  const program = stack.use(Program.start<ProxyCommands>(new URL(file, import.meta.url)))
  const origin = await program.ask('start', receiver.origin())
  return { name, target: { origin, path: PROXY_PATH, sends: 'event', answerHolds: DECIDED }, program }
}
