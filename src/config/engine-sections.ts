/**
 * The sections that configure the engine itself: `listen`, `auth`, `accounts`, `dataPoints`, `log`, `tracing`,
 * `workers`, `network`.
 * Each schema fills in its defaults, so that the rest of the code never asks whether something was configured.
 */
import { z } from 'zod'
import type { DataPointDescription } from '../catalog/description.ts'
import { LOG_LEVELS } from '../logging/levels.ts'
import type { DataValue } from '../model/data.ts'
import { expected } from '../profiles/mistake.ts'
import {
  flagField,
  listField,
  plainValue,
  secretSection,
  section,
  textField,
  wholeNumberField,
  wordField,
} from '../profiles/settings.ts'
import type {
  AccountConfig,
  ListenConfig,
  LogConfig,
  NetworkConfig,
  TokenConfig,
  TracingConfig,
} from './engine-config.ts'
import { accountField, durationField, rangeField, rateField } from './fields.ts'
import { listenerTlsSection } from './listener-tls.ts'
import { proxyField } from './proxy-section.ts'
import { formatDuration } from './units.ts'

/** Defaults that are written down in one place only. */
const ENGINE_DEFAULTS = {
  listen: { host: '127.0.0.1', port: 8080, keepAliveMs: 75_000, total: 16_384, perAddress: 4_096 },
  connections: { send: 128, invoke: 1024 },
} as const

/** Longest that an idle connection to the API may be kept. */
const KEEP_ALIVE_LIMIT_MS = 60 * 60 * 1000

/** Most threads that may be asked for; far more than a machine has use for. */
const WORKERS_LIMIT = 256

/** Most connections to one endpoint that may be asked for: the ports that one address has. */
const CONNECTIONS_LIMIT = 65_535

/** Hosts that only this machine reaches. */
const LOOPBACK_HOST = /^(?:localhost|::1|127\.[\d.]+)$/i

/** Most connections to the API that may be asked for: the file descriptors that a process can have on common systems. */
const LISTEN_CONNECTIONS_LIMIT = 1_048_576

/** `listen: { host, port, keepAlive, connections: { total, perAddress }, tls: { cert, key, clientCa } }`. */
export function listenSection(secret: z.ZodType<string>): z.ZodType<ListenConfig> {
  const { host, port, keepAliveMs, total, perAddress } = ENGINE_DEFAULTS.listen
  const connections = section({
    total: wholeNumberField(1, LISTEN_CONNECTIONS_LIMIT).default(total),
    perAddress: wholeNumberField(1, LISTEN_CONNECTIONS_LIMIT).optional(),
  })
  return section({
    host: textField().default(host),
    port: wholeNumberField(0, 65_535).default(port),
    keepAlive: durationField(1000, KEEP_ALIVE_LIMIT_MS).prefault(formatDuration(keepAliveMs)),
    connections: connections.prefault({}),
    tls: listenerTlsSection(secret).optional(),
  }).transform(({ keepAlive, tls, connections, ...listen }): ListenConfig => {
    // Of a loopback listener all connections come from one address, whoever is behind them.
    const most = LOOPBACK_HOST.test(listen.host) ? connections.total : Math.min(perAddress, connections.total)
    const limits = { total: connections.total, perAddress: connections.perAddress ?? most }
    const read = { ...listen, connections: limits, keepAliveMs: keepAlive }
    return tls === undefined ? read : { ...read, tls }
  })
}

/** `auth: { tokens: [ { name, secret, may, accounts, rate } ] }`. */
export function authSection(secret: z.ZodType<string>): z.ZodType<{ readonly tokens: readonly TokenConfig[] }> {
  const token = secretSection({
    name: textField(64),
    secret,
    may: listField(wordField(['send', 'invoke', 'read', 'manage']), 'rights').min(1, {
      error: 'at least one of send, invoke, read and manage is expected',
    }),
    accounts: listField(accountField(), 'accounts').min(1, { error: 'at least one account is expected' }).optional(),
    rate: rateField().optional(),
  }).transform(({ rate, ...token }): TokenConfig => {
    const read: TokenConfig = { ...token, accounts: token.accounts ?? 'all' }
    return rate === undefined ? read : { ...read, ratePerSecond: rate }
  })
  const tokens = uniqueList(token, 'tokens', 'name').superRefine((each, context) => {
    for (const [index, { secret }] of each.entries()) {
      const first = each.findIndex((other) => other.secret === secret)
      if (first === index) continue
      // With one secret for two, nobody could tell whose rights count.
      const message = `has the same secret as ${each[first]?.name ?? 'another'}: every token needs one of its own`
      context.addIssue({ code: 'custom', path: [index, 'secret'], message })
    }
  })
  return section({ tokens: tokens.default([]) })
}

/** `accounts: [ { id, groups } ]`. */
export function accountsSection(): z.ZodType<readonly AccountConfig[]> {
  return uniqueList(
    section({ id: accountField(), groups: listField(accountField(), 'groups').default([]) }),
    'accounts',
    'id',
  )
}

/** `dataPoints: [ { name, description, example } ]`: the carrier's own. */
export function dataPointsSection(): z.ZodType<readonly DataPointDescription[]> {
  const nameError = expected('a name (letters, digits, _ and -, a letter or _ first, at most 64)')
  const dataPoint = section({
    name: z.string({ error: nameError }).regex(/^[A-Za-z_][A-Za-z0-9_-]{0,63}$/, { error: nameError }),
    description: z.string({ error: expected('a text') }).default(''),
    example: z
      .unknown()
      .transform((value) => plainValue(value))
      .optional(),
  }).transform(({ name, description, example }): DataPointDescription => {
    return isDataValue(example) ? { name, description, example } : { name, description }
  })
  return uniqueList(dataPoint, 'data points', 'name')
}

/** `log: { level }`. */
export function logSection(): z.ZodType<LogConfig> {
  return section({ level: wordField(LOG_LEVELS).default('info') })
}

/** `tracing: { enabled }`. */
export function tracingSection(): z.ZodType<TracingConfig> {
  return section({ enabled: flagField().default(false) })
}

/** `workers: auto`, or how many. */
export function workersSection(): z.ZodType<number | 'auto'> {
  const error = expected(`auto or a whole number from 0 to ${WORKERS_LIMIT}`)
  const count = z.int({ error }).min(0, { error }).max(WORKERS_LIMIT, { error })
  return z.union([z.literal('auto'), count], { error })
}

/** `network: { allow, proxy, connections: { send, invoke } }`. */
export function networkSection(secret: z.ZodType<string>): z.ZodType<NetworkConfig> {
  const { send, invoke } = ENGINE_DEFAULTS.connections
  const connections = section({
    send: wholeNumberField(1, CONNECTIONS_LIMIT).default(send),
    invoke: wholeNumberField(1, CONNECTIONS_LIMIT).default(invoke),
  })
  return section({
    allow: allowField(),
    proxy: proxyField(secret).optional(),
    connections: connections.prefault({}),
  }).transform(({ allow, proxy, connections }): NetworkConfig => {
    return { allow, connections, ...(proxy === undefined ? {} : { proxy }) }
  })
}

/** Address ranges that may be reached although they are not public. */
export function allowField(): z.ZodType<readonly string[]> {
  return listField(rangeField(), 'address ranges').default([])
}

/** A list in which no two members have the same `key`. */
function uniqueList<Key extends string, Member extends { readonly [name in Key]: string }>(
  member: z.ZodType<Member>,
  what: string,
  key: Key,
): z.ZodType<readonly Member[]> {
  return listField(member, what).superRefine((members, context) => {
    const seen = new Set<string>()
    for (const [index, each] of members.entries()) {
      const message = `${each[key]} is there already: choose another ${key}`
      if (seen.has(each[key])) context.addIssue({ code: 'custom', path: [index, key], message })
      seen.add(each[key])
    }
  })
}

function isDataValue(value: unknown): value is DataValue {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return true
  if (Array.isArray(value)) return value.every(isDataValue)
  return typeof value === 'object' && Object.values(value).every(isDataValue)
}
