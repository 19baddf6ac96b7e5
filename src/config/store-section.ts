/**
 * The section `store`: where events and deliveries are kept, how many may wait, how long what ended is kept.
 */
import { z } from 'zod'
import { expectedMessage, suggestion } from '../profiles/mistake.ts'
import { section, textField, wholeNumberField } from '../profiles/settings.ts'
import type { StoreConfig } from './engine-config.ts'
import { DURATION_LIMIT_MS, durationField, sizeField } from './fields.ts'
import { formatDuration, formatSize } from './units.ts'

const GIB = 1024 ** 3

/** Defaults: retention as in the contract ("Delivery" for dead ones), backlogs that a few GiB of disk hold. */
const DEFAULTS = {
  engine: 'embedded',
  path: './data',
  minFreeBytes: GIB / 2,
  backlog: { perEndpoint: 1_000_000, total: 10_000_000 },
  retention: { deliveredMs: 24 * 3_600_000, deadMs: 30 * 24 * 3_600_000, bytes: 50 * GIB },
} as const

/** Most deliveries that may be let wait: what 32-bit counters of tools that read our metrics still show. */
const BACKLOG_LIMIT = 1_000_000_000

/** Most bytes that a store may be let grow to. */
const BYTES_LIMIT = 16_384 * GIB

/** `store: { engine, path, minFree, backlog: { perEndpoint, total }, retention: { delivered, dead, size } }`. */
export function storeSection(): z.ZodType<StoreConfig> {
  const { backlog, retention } = DEFAULTS
  return section({
    engine: engineField().prefault(DEFAULTS.engine),
    path: textField(4096).optional(),
    minFree: sizeField(0, BYTES_LIMIT).optional(),
    // Nothing is right there; known only for the message below.
    servers: z.unknown().meta({ not: {} }).optional(),
    backlog: section({
      perEndpoint: wholeNumberField(1, BACKLOG_LIMIT).default(backlog.perEndpoint),
      total: wholeNumberField(1, BACKLOG_LIMIT).default(backlog.total),
    }).prefault({}),
    retention: section({
      delivered: durationField(0, DURATION_LIMIT_MS).prefault(formatDuration(retention.deliveredMs)),
      dead: durationField(0, DURATION_LIMIT_MS).prefault(formatDuration(retention.deadMs)),
      size: sizeField(0, BYTES_LIMIT).prefault(formatSize(retention.bytes)),
    }).prefault({}),
  }).transform((store, context): StoreConfig => {
    const useless = store.engine === 'memory' ? (['path', 'minFree', 'servers'] as const) : (['servers'] as const)
    for (const key of useless) {
      if (store[key] === undefined) continue
      const message =
        store.engine === 'memory'
          ? 'engine: memory keeps nothing on disk: leave it out'
          : 'only engine: jetstream has servers: leave it out'
      context.addIssue({ code: 'custom', path: [key], message, params: { at: 'key' } })
    }
    const { delivered, dead, size } = store.retention
    return {
      engine: store.engine,
      path: store.path ?? DEFAULTS.path,
      minFreeBytes: store.minFree ?? DEFAULTS.minFreeBytes,
      backlog: store.backlog,
      retention: { deliveredMs: delivered, deadMs: dead, bytes: size },
    }
  })
}

function engineField(): z.ZodType<StoreConfig['engine']> {
  const engines = ['memory', 'embedded'] as const
  return z
    .unknown()
    .meta({ type: 'string', enum: engines })
    .transform((input, context): StoreConfig['engine'] => {
      if (input === 'memory' || input === 'embedded') return input
      const message =
        input === 'jetstream'
          ? 'jetstream is not available in this version: memory or embedded is expected'
          : expectedMessage('memory or embedded', input) + suggestion(input, engines)
      context.addIssue({ code: 'custom', message })
      return z.NEVER
    })
}
