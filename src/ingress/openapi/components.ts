/**
 * Schemas that the API's document names, and how all of them become JSON Schemas that refer to each other by these names.
 */
import { z } from 'zod'
import { ERASE_ORDER } from '../calls/erase-route.ts'
import { PURGE_ORDER } from '../deliveries/purge-route.ts'
import { FORMAT } from '../webhooks/extract-route.ts'
import { ENTRY_ANSWER, SECTIONS_ANSWER } from '../webhooks/management-schemas.ts'
import { REPLAY_ORDER } from '../webhooks/webhook-commands.ts'
import { CALL_ENTRY, CALL_PAGE, CALL_TRY, CATALOG, HAPPENINGS, RECENT_CALLS, TEMPLATE_FIELDS } from './call-schemas.ts'
import { configComponents } from './config-schemas.ts'
import { DATA_POINTS, JSON_VALUE, PROBLEM, PROBLEM_PART, TEXT_MAP } from './data-schemas.ts'
import { ATTEMPT_SUMMARY, DECISION, DECISIONS, INVOKE_RESULT, RENDERED, SHOWN_REQUEST } from './decision-schemas.ts'
import {
  ACTIVATION,
  ATTEMPT,
  DELIVERY,
  DELIVERY_PAGE,
  ERASED,
  PHASES,
  PURGED,
  REPLAYED,
  RETRIED,
} from './delivery-schemas.ts'
import { CALL_EVENT, EVENT, EVENT_BATCH, REASON, SEND_ANSWER } from './event-schemas.ts'
import { ACCOUNT_STATS, ENGINE_STATS, READY } from './state-schemas.ts'

/** By name. */
const COMPONENTS: Readonly<Record<string, z.ZodType>> = {
  JsonValue: JSON_VALUE,
  DataPoints: DATA_POINTS,
  Event: EVENT,
  CallEvent: CALL_EVENT,
  EventBatch: EVENT_BATCH,
  SendAnswer: SEND_ANSWER,
  Reason: REASON,
  Decision: DECISION,
  ...DECISIONS,
  AttemptSummary: ATTEMPT_SUMMARY,
  InvokeResult: INVOKE_RESULT,
  RenderedRequest: RENDERED,
  ShownRequest: SHOWN_REQUEST,
  TextMap: TEXT_MAP,
  Phases: PHASES,
  Attempt: ATTEMPT,
  Delivery: DELIVERY,
  DeliveryPage: DELIVERY_PAGE,
  Retried: RETRIED,
  ReplayOrder: REPLAY_ORDER,
  Replayed: REPLAYED,
  PurgeOrder: PURGE_ORDER,
  Purged: PURGED,
  EraseOrder: ERASE_ORDER,
  Erased: ERASED,
  Activation: ACTIVATION,
  CallTry: CALL_TRY,
  CallEntry: CALL_ENTRY,
  CallPage: CALL_PAGE,
  RecentCalls: RECENT_CALLS,
  ...Object.fromEntries(Object.entries(HAPPENINGS).map(([name, schema]) => [happeningName(name), schema])),
  Entry: ENTRY_ANSWER,
  Sections: SECTIONS_ANSWER,
  Catalog: CATALOG,
  TemplateFormat: FORMAT,
  TemplateFields: TEMPLATE_FIELDS,
  EngineStats: ENGINE_STATS,
  AccountStats: ACCOUNT_STATS,
  Ready: READY,
  Problem: PROBLEM,
  ProblemPart: PROBLEM_PART,
}

/** `DeliveryHappened`. */
function happeningName(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}Happened`
}

/** Where components stand in the document. */
const PREFIX = '#/components/schemas/'

/** Before the names of schemas that stand where they are used. */
const INLINE = '~'

/** JSON Schemas of everything that the document speaks of. */
export interface SchemaTable {
  /** By name, in the order of {@link COMPONENTS}. */
  readonly components: Readonly<Record<string, object>>
  /** Of a component the reference to it, of any other schema all of it. */
  readonly schemaOf: (schema: z.ZodType) => object
}

/** Makes the JSON Schemas of all components and of `others`. */
export function schemaTable(others: Iterable<z.ZodType>): SchemaTable {
  const names = new Map<z.ZodType, string>(Object.entries(COMPONENTS).map(([name, schema]) => [schema, name]))
  for (const schema of others) if (!names.has(schema)) names.set(schema, `${INLINE}${names.size}`)
  const registry = z.registry<{ id: string }>()
  for (const [schema, id] of names) registry.add(schema, { id })
  const { schemas } = z.toJSONSchema(registry, { io: 'input', uri: (id) => `${PREFIX}${id}` })
  const plain = new Map(Object.entries(schemas).map(([name, { $schema: _, $id: __, ...schema }]) => [name, schema]))
  return {
    components: {
      ...Object.fromEntries([...plain].filter(([name]) => !name.startsWith(INLINE))),
      ...configComponents(),
    },
    schemaOf: (schema) => {
      const name = names.get(schema) ?? ''
      return name.startsWith(INLINE) ? (plain.get(name) ?? {}) : { $ref: `${PREFIX}${name}` }
    },
  }
}
