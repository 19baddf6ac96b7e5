/**
 * The engine's decisions: what an answer means, whom an event triggers among many webhooks, whether a circuit lets a request
 * through, and what a line of NDJSON says. No rival does the same; plain reading of the same JSON stands beside them as a
 * yardstick of the machine.
 */
import { Router } from '../../src/engine/plan/router.ts'
import { runAtOnce } from '../../src/engine/slices.ts'
import { utf8Decoder } from '../../src/ingress/body/charset.ts'
import { readStructured } from '../../src/ingress/events/structured-event.ts'
import { DEFAULT_LIMITS } from '../../src/ingress/limits.ts'
import { interpretAnswer } from '../../src/interpret/interpret-answer.ts'
import type { Answer, AnswerSpec } from '../../src/model/answer.ts'
import { type DataSource, NO_DATA } from '../../src/model/data.ts'
import type { Binding, CircuitPolicy, Webhook } from '../../src/model/webhook.ts'
import { closedCircuit, onResult, permit } from '../../src/policy/breaker.ts'
import { TRIGGER_RULES } from '../../src/profiles/profiles.ts'
import { engineConfig } from '../deliveries/engine-config.ts'
import { callData, EVENT_TYPE, eventText } from '../traffic/call-data.ts'
import type { Candidate } from './timing.ts'

/** A decision to be timed, with what it must give. */
export interface Decision {
  readonly candidate: Candidate<undefined>
  readonly expected: unknown
}

/** Answers of each kind, with what they must mean. */
const ANSWERS: readonly (readonly [spec: AnswerSpec, contentType: string, body: string, expected: string])[] = [
  [{ kind: 'status' }, 'text/plain', 'ok', 'continue'],
  [{ kind: 'message' }, 'text/html', '<p>Your balance is <b>12</b> dollars.</p>', 'speak'],
  [
    { kind: 'next-action' },
    'text/xml',
    '<action><app>findme</app><parameters><phone_list>2223334444,5556667777</phone_list></parameters></action>',
    'next-action',
  ],
  [{ kind: 'variables' }, 'application/json', '{"customer":{"name":"Ann","level":3},"open":true}', 'set-variables'],
  [{ kind: 'redirect' }, 'text/plain', '0b0f3f0c-6a0e-4a57-9a55-2a3f0a6f8f11', 'redirect'],
]

/** Numbers of webhooks among which an event is routed. */
export const WEBHOOK_COUNTS = [10, 1_000, 100_000] as const

const CIRCUIT: CircuitPolicy = { failures: 6, withinMs: 60_000, probeMs: 1000 }

/** Name of the yardstick. */
export const YARDSTICK = 'JSON.parse of the same line'

/** What routing among so many webhooks is called. */
export function routingName(webhooks: number): string {
  return `route an event among ${webhooks.toLocaleString('en')} webhooks`
}

/** All of them, made anew. */
export function decisions(): readonly Decision[] {
  return [...readings(), ...interpretations(), ...WEBHOOK_COUNTS.map(routing), circuitStep()]
}

function readings(): readonly Decision[] {
  const line = eventText(1)
  const decode = utf8Decoder(() => undefined)
  const rules = { accountFor: () => 'default', defaultType: undefined, traceparent: undefined }
  const reading = { bounds: DEFAULT_LIMITS.json, decode }
  const read = (): string | undefined => {
    const result = readStructured(line, rules, reading)
    return result.kind === 'event' ? result.event.id : undefined
  }
  const { sid } = callData(1)
  return [
    { candidate: { name: YARDSTICK, run: () => JSON.parse(line).id }, expected: sid },
    { candidate: { name: 'read an event of NDJSON', run: read }, expected: sid },
  ]
}

function interpretations(): readonly Decision[] {
  return ANSWERS.map(([spec, contentType, body, expected]) => {
    const answer: Answer = { status: 200, contentType, body: Buffer.from(body) }
    const run = (): string => interpretAnswer(spec, answer, [200]).kind
    return { candidate: { name: `interpret an answer: ${spec.kind}`, run }, expected }
  })
}

/** Bindings by number, so that each event triggers one webhook, whatever else there is. */
function routing(count: number): Decision {
  const { webhooks } = engineConfig({ store: 'memory', folder: '.', origins: ['http://crm.example.com'] })
  const model = webhooks[1]
  if (model === undefined) throw new Error('there is no webhook')
  const all: Webhook[] = []
  const bindings: Binding[] = []
  for (let index = 0; index < count; index += 1) {
    const id = `w-${index}`
    all.push({ ...model, id, profile: 'dialogtech-post-call', trigger: { on: [EVENT_TYPE], unbound: false } })
    const value = String(8_000_000_000 + index)
    bindings.push({ id: `b-${index}`, account: model.account, key: 'number', value, targets: { postCall: [id] } })
  }
  const router = runAtOnce(Router.build(all, bindings, TRIGGER_RULES))
  const wanted = count - 1
  const data = { ...callData(1), called_number: String(8_000_000_000 + wanted) }
  const source: DataSource = { data, context: NO_DATA }
  const run = (): string => [...router.route(model.account, EVENT_TYPE, source)].join()
  return { candidate: { name: routingName(count), run }, expected: `w-${wanted}` }
}

function circuitStep(): Decision {
  let circuit = onResult(closedCircuit(0), CIRCUIT, 'failure', 1)
  const run = (): string => {
    const { kind } = permit(circuit, CIRCUIT, 2)
    circuit = onResult(circuit, CIRCUIT, 'success', 2)
    return kind
  }
  return { candidate: { name: 'circuit: ask, then tell the result', run }, expected: 'go' }
}
