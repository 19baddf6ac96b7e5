/**
 * Schemas of decisions, as invokes answer them and stories tell them, and of requests as they are shown.
 */
import { z } from 'zod'
import type { RenderAnswer } from '../../client/answers.ts'
import type { ShownRequest } from '../../client/call-answers.ts'
import { ACTION_APPS, type Decision } from '../../model/decision.ts'
import type { AttemptSummary, InvokeResult } from '../../model/results.ts'
import { durationMs, JSON_VALUE, TEXT_MAP } from './data-schemas.ts'
import { REASON } from './event-schemas.ts'

type OfKind<Kind extends Decision['kind']> = z.ZodType<Extract<Decision, { readonly kind: Kind }>>

const SPEAK: OfKind<'speak'> = z
  .object({ kind: z.literal('speak'), text: z.string().describe('What the caller is told') })
  .meta({ title: 'Speak' })

const NEXT_ACTION: OfKind<'next-action'> = z
  .object({
    kind: z.literal('next-action'),
    app: z.enum(ACTION_APPS),
    parameters: z
      .record(z.string(), z.union([z.string(), z.number(), z.array(z.string())]))
      .describe('Ids as texts, counts and flags as numbers, `phone_list` as a list; documented defaults filled in'),
    userParameters: z.exactOptional(TEXT_MAP),
    passThrough: z.exactOptional(z.string()),
    passThroughValues: z.exactOptional(TEXT_MAP).describe('`passThrough`, where it reads as key|value||key|value'),
  })
  .meta({ title: 'Next action' })

const SET_VARIABLES: OfKind<'set-variables'> = z
  .object({
    kind: z.literal('set-variables'),
    variables: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  })
  .meta({ title: 'Set variables' })

const REDIRECT: OfKind<'redirect'> = z
  .object({ kind: z.literal('redirect'), ivr: z.string().describe('GUID of the IVR that comes next') })
  .meta({ title: 'Redirect' })

const DISCONNECT: OfKind<'disconnect'> = z.object({ kind: z.literal('disconnect') }).meta({ title: 'Disconnect' })

const CONTINUE: OfKind<'continue'> = z.object({ kind: z.literal('continue') }).meta({ title: 'Continue' })

const BACKUP: OfKind<'backup'> = z
  .object({
    kind: z.literal('backup'),
    reason: REASON,
    detail: z.string(),
    backup: z.exactOptional(JSON_VALUE).describe("The webhook's `backup`, as configured"),
  })
  .meta({ title: 'Backup', description: 'There is no usable answer: the call takes its backup routing' })

/** Every kind of decision by the name of its schema. */
export const DECISIONS: Readonly<Record<string, z.ZodType<Decision>>> = {
  Speak: SPEAK,
  NextAction: NEXT_ACTION,
  SetVariables: SET_VARIABLES,
  Redirect: REDIRECT,
  Disconnect: DISCONNECT,
  Continue: CONTINUE,
  Backup: BACKUP,
}

/** What a live call does next. */
export const DECISION: z.ZodType<Decision> = z
  .union([SPEAK, NEXT_ACTION, SET_VARIABLES, REDIRECT, DISCONNECT, CONTINUE, BACKUP])
  .meta({ description: 'What the call does next' })

/** The request behind a decision. */
export const ATTEMPT_SUMMARY: z.ZodType<AttemptSummary> = z.object({
  status: z.int().describe('HTTP status; 0 where none came'),
  durationMs: durationMs(),
  bytes: z.int().describe('Bytes of the answer'),
  fallback: z.exactOptional(z.boolean()).describe("true: the answer is the fallback server's"),
})

/** A decision with what stands behind it. */
export const INVOKE_RESULT: z.ZodObject & z.ZodType<InvokeResult> = z.object({
  deliveryId: z.string().describe('Sent as `webhook-id`'),
  webhook: z.string(),
  decision: DECISION,
  attempt: z.exactOptional(ATTEMPT_SUMMARY).describe('Absent where nothing was sent'),
})

/** The same as a form: nested members have dotted names, members of lists numbers from 0. */
export const FLAT_DECISION: z.ZodType = z
  .object({ deliveryId: z.string(), webhook: z.string(), 'decision.kind': z.string() })
  .catchall(z.string())
  .describe('The decision flattened: `decision.parameters.phone_list.0=2223334444`')

/** A request as a webhook would be sent it. */
export const RENDERED: z.ZodType<RenderAnswer> = z.object({
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  url: z.string(),
  headers: TEXT_MAP.describe('Names in lower case'),
  body: z.string().nullable(),
})

/** A request as it is shown; `invalid`: why it can't be sent safely. */
export const SHOWN_REQUEST: z.ZodType<ShownRequest> = z.union([RENDERED, z.object({ invalid: z.string() })])
