/**
 * Schemas of how the service stands: live figures, readiness.
 */
import { z } from 'zod'
import type { LeftOut } from '../../engine/config-status.ts'
import type { Held, OpenCircuitView } from '../../engine/send/standing.ts'
import { LOG_LEVELS } from '../../logging/levels.ts'
import type { MetricsSnapshot } from '../../metrics/snapshot.ts'
import { HOLD_REASONS } from '../../model/delivery.ts'
import type { OutboxCounts } from '../../outbox/contract.ts'
import { time } from './data-schemas.ts'

const HELD_REASON = z.enum(HOLD_REASONS).exclude(['ordered'])

const HELD: z.ZodType<Held> = z.object({
  deliveries: z.partialRecord(HELD_REASON, z.int()).describe('How many are held, by reason'),
  webhooks: z
    .array(
      z.object({
        webhook: z.string(),
        account: z.string(),
        reason: HELD_REASON,
        until: z.exactOptional(time()),
        deliveries: z.int(),
      }),
    )
    .describe('Those that hold most, up to 100'),
})

const CIRCUIT: z.ZodType<OpenCircuitView> = z.object({
  endpoint: z.string(),
  account: z.string(),
  state: z.enum(['open', 'half-open']),
  since: time(),
  reason: z.string().describe('Of the last failure; empty where it is not known'),
  nextProbe: z.exactOptional(time()),
})

const DEACTIVATED = z.array(
  z.object({ webhook: z.string(), reason: z.enum(['command', 'gone']), since: z.exactOptional(time()) }),
)

const OUTBOX: z.ZodType<OutboxCounts> = z.object({
  pending: z.int(),
  delivered: z.int(),
  dead: z.int(),
  oldestAcceptedAtMs: z.exactOptional(z.number()),
  bytes: z.number().describe('What all of it takes on disk, or about so in memory'),
})

const SNAPSHOT = {
  atMs: z.number().describe("When it was taken, on the engine's own monotonic clock"),
  events: z.int(),
  attempts: z.int(),
  delivered: z.int(),
  retries: z.int(),
  dead: z.int(),
  invokes: z.int(),
  invokeP50Ms: z.exactOptional(z.number()),
  invokeP99Ms: z.exactOptional(z.number()),
} satisfies Readonly<Record<keyof MetricsSnapshot, z.ZodType>>

const LEFT_OUT: z.ZodType<readonly LeftOut[]> = z
  .array(z.object({ kind: z.string(), id: z.string(), account: z.string(), issues: z.array(z.string()) }))
  .describe('Entries of the API that do not fit the file and are not used')

const READINESS = z.object({ name: z.string(), ready: z.boolean(), detail: z.string() })

/** Live figures of the whole engine. */
export const ENGINE_STATS: z.ZodObject = z
  .object({
    ...SNAPSHOT,
    config: z.object({
      loadedAt: time(),
      leftOut: LEFT_OUT,
      lastReload: z.exactOptional(
        z.object({ at: time(), result: z.enum(['success', 'refused']), issues: z.array(z.string()) }),
      ),
    }),
    readiness: z.array(READINESS),
    outbox: OUTBOX,
    inFlight: z.int(),
    calls: z.int().describe('Calls whose context is kept'),
    webhooks: z.int(),
    deactivated: DEACTIVATED,
    circuits: z.array(CIRCUIT).describe('Those that are not closed'),
    held: HELD,
    workers: z.array(z.object({ name: z.string(), inFlight: z.int(), isReady: z.boolean() })),
  })
  .meta({ title: 'Of all accounts', description: 'Totals since the start; latencies of the last two minutes' })

/** Live figures of some accounts. */
export const ACCOUNT_STATS: z.ZodObject = z
  .object({
    atMs: SNAPSHOT.atMs,
    accounts: z.array(z.string()),
    config: z.object({ leftOut: LEFT_OUT }),
    outbox: z.object({ pending: z.int() }),
    webhooks: z.int(),
    deactivated: DEACTIVATED,
    circuits: z.array(CIRCUIT),
    held: HELD,
  })
  .meta({ title: 'Of some accounts', description: 'What a token for some accounts is shown' })

/** Live figures. */
export const STATS: z.ZodType = z.union([ENGINE_STATS, ACCOUNT_STATS])

/** At which level it is logged. */
export const LOG_STATE: z.ZodObject = z.object({ level: z.enum(LOG_LEVELS) })

/** The same after a change. */
export const LOG_CHANGED: z.ZodObject = z.object({ level: z.enum(LOG_LEVELS), before: z.enum(LOG_LEVELS) })

/** Checks as anybody is told of them. */
export const CHECKS: z.ZodType = z.array(z.object({ name: z.string(), ready: z.boolean() }))

/** Ready. */
export const READY: z.ZodObject = z.object({ status: z.literal('ready'), checks: CHECKS })

/** Alive. */
export const ALIVE: z.ZodObject = z.object({ status: z.literal('alive') })
