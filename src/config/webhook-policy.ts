/**
 * The keys that every webhook takes, whatever its profile: who it belongs to, how long it may take, how it is tried again,
 * limited and signed. Limits and defaults are the contract's (sections 1 and 3). Used by `webhooks.ts`.
 */
import { z } from 'zod'
import type { DataValue } from '../model/data.ts'
import type { CircuitPolicy, TlsIdentity } from '../model/webhook.ts'
import { entriesOf } from '../profiles/entries.ts'
import { handRead } from '../profiles/hand-read.ts'
import { expected, expectedMessage, expectedUnshown, mistakesOf } from '../profiles/mistake.ts'
import {
  flagField,
  listField,
  plainValue,
  secretSection,
  section,
  textField,
  URL_LIMIT,
  wholeNumberField,
} from '../profiles/settings.ts'
import { readSigningSecret } from '../transport/signing-keys.ts'
import { allowField } from './engine-sections.ts'
import { accountField, DURATION_LIMIT_MS, durationField, idField, rateField } from './fields.ts'
import { webhookTlsField } from './webhook-tls.ts'

/** Connect and response: 5 s is the default and the most (VCC Live, "Response Requirements and Limits"). */
const TIMEOUT_LIMIT_MS = 5000

/** Both servers of an invoke together, as long as one may take at most to connect and to respond (contract, section 1). */
const BUDGET_LIMIT_MS = 10_000

/** Most attempts that a schedule can name. */
const ATTEMPTS_LIMIT = 100

/** Most requests in flight at once that a webhook can ask for. */
const CONCURRENCY_LIMIT = 10_000

const DEFAULT_SCHEDULE = ['0s', '5s', '5m', '30m', '2h', '5h', '10h', '14h']
const DAY_MS = 24 * 60 * 60 * 1000
const HOUR_MS = 60 * 60 * 1000

/** A webhook's policy as configured, durations in milliseconds. */
export interface WebhookPolicy {
  readonly id: string
  readonly name?: string | undefined
  readonly account: string
  readonly active: boolean
  readonly timeouts: { readonly connect: number; readonly response: number }
  readonly retry: { readonly schedule: readonly number[]; readonly jitter: number }
  readonly concurrency?: number | undefined
  readonly rate?: number | undefined
  readonly ordered: boolean
  /** Every secret that signs. */
  readonly signing: readonly string[]
  readonly circuit: CircuitPolicy | 'off'
  readonly network: { readonly allow: readonly string[] }
  readonly tls?: TlsIdentity | undefined
  readonly backup?: DataValue | undefined
  readonly fallback?: { readonly url: string; readonly after?: number | undefined; readonly budget: number } | undefined
}

/** A schema of {@link WebhookPolicy} with the names of its keys. */
export interface PolicySchema {
  readonly keys: readonly string[]
  readonly schema: z.ZodType<WebhookPolicy>
}

/** Makes the schema; `secret` reads secrets. */
export function policySchema(secret: z.ZodType<string>): PolicySchema {
  const jitterError = expected('a number from 0 to 1')
  const timeout = durationField(1, TIMEOUT_LIMIT_MS).prefault('5s')
  const schedule = listField(durationField(0, DURATION_LIMIT_MS), 'durations')
    .min(1, { error: 'at least one attempt is expected' })
    .max(ATTEMPTS_LIMIT, { error: `at most ${ATTEMPTS_LIMIT} attempts are expected` })
  const schema = section({
    id: idField(),
    name: textField().optional(),
    account: accountField().default('default'),
    active: flagField().default(true),
    timeouts: section({ connect: timeout, response: timeout }).prefault({}),
    retry: section({
      schedule: schedule.prefault([...DEFAULT_SCHEDULE]),
      jitter: z
        .number({ error: jitterError })
        .min(0, { error: jitterError })
        .max(1, { error: jitterError })
        .default(0.2),
    }).prefault({}),
    concurrency: wholeNumberField(1, CONCURRENCY_LIMIT).optional(),
    rate: rateField().optional(),
    ordered: flagField().default(false),
    signing: signingField(secret),
    circuit: circuitField(),
    network: section({ allow: allowField() }).prefault({ allow: [] }),
    tls: webhookTlsField(secret).optional(),
    backup: backupField().optional(),
    fallback: fallbackField().optional(),
  })
  return { keys: Object.keys(schema.shape), schema }
}

/** `signing: { secret }` or `{ secrets }`: several give several signatures, so that a secret can be changed without a gap. */
function signingField(secret: z.ZodType<string>): z.ZodType<readonly string[]> {
  const usable = secret.superRefine((text, context) => {
    const read = readSigningSecret(text)
    if (read.kind === 'refused') context.addIssue({ code: 'custom', message: read.message })
  })
  const secrets = z
    .array(usable, { error: expectedUnshown('a list of secrets') })
    .min(1, { error: 'at least one secret is expected' })
  return secretSection({ secret: usable.optional(), secrets: secrets.optional() })
    .meta({ oneOf: [{ required: ['secret'] }, { required: ['secrets'] }] })
    .transform((signing, context): readonly string[] => {
      if ((signing.secret === undefined) === (signing.secrets === undefined)) {
        context.addIssue({ code: 'custom', message: 'either secret or secrets is expected' })
      }
      return signing.secrets ?? (signing.secret === undefined ? [] : [signing.secret])
    })
    .optional()
    .transform((secrets) => secrets ?? [])
}

function circuitField(): z.ZodType<CircuitPolicy | 'off'> {
  const policy = section({
    failures: wholeNumberField(1, 1000).default(6),
    within: durationField(1, DAY_MS).prefault('60s'),
    probe: durationField(1, HOUR_MS).prefault('1s'),
  }).transform(({ failures, within, probe }): CircuitPolicy => ({ failures, withinMs: within, probeMs: probe }))
  return handRead(() => [z.literal('off'), policy])
    .transform((input, context): CircuitPolicy | 'off' => {
      if (input === 'off') return input
      if (entriesOf(input) === undefined) {
        context.addIssue({ code: 'custom', message: expectedMessage('off or { failures, within, probe }', input) })
        return z.NEVER
      }
      const read = policy.safeParse(input)
      if (read.success) return read.data
      for (const { path, message, at } of mistakesOf(read.error)) {
        context.addIssue({ code: 'custom', path: [...path], message, params: { at } })
      }
      return z.NEVER
    })
    .prefault({})
}

/** Any mapping: it is the carrier's own and is given back as it stands. */
function backupField(): z.ZodType<DataValue> {
  return z
    .unknown()
    .meta({ type: 'object' })
    .transform((input, context): DataValue => {
      if (entriesOf(input) === undefined)
        context.addIssue({ code: 'custom', message: expectedMessage('a mapping', input) })
      return toDataValue(plainValue(input))
    })
}

/** YAML gives no other kinds of value than JSON has, but for numbers that are none. */
function toDataValue(value: unknown): DataValue {
  if (Array.isArray(value)) return value.map(toDataValue)
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value !== 'object' || value === null) return null
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, toDataValue(member)]))
}

/** `fallback: { url, after, budget }`; without `after` the second server is asked only when the first has failed. */
function fallbackField(): z.ZodType<{
  readonly url: string
  readonly after?: number | undefined
  readonly budget: number
}> {
  return section({
    url: textField(URL_LIMIT),
    after: durationField(0, BUDGET_LIMIT_MS).optional(),
    budget: durationField(1, BUDGET_LIMIT_MS).prefault('10s'),
  }).superRefine(({ after, budget }, context) => {
    if (after === undefined || after < budget) return
    const message = 'the budget of both servers is over by then: a shorter wait is expected'
    context.addIssue({ code: 'custom', path: ['after'], message })
  })
}
