/**
 * `POST /v1/events`: takes one event or many and answers when all are durable or refused. A request that can't be read whole
 * is refused whole; otherwise each event is answered for itself.
 */

import { type BodyKind, withBody } from '../body/read-body.ts'
import { accountFor } from '../http/access.ts'
import { type HttpAnswer, problemAnswer } from '../http/answer.ts'
import { bodyProblem, type Call, type Route, type RouteContext } from '../route.ts'
import { acceptBatch, acceptSlice, type Batch } from './accept-batch.ts'
import type { EventRules } from './event-attributes.ts'
import { type BodyForm, readCarriage, readSingle } from './event-reader.ts'
import { beginsArray } from './split-batch.ts'
import { Tally } from './tally.ts'
import { type CarriedBody, withUtf8 } from './utf8-body.ts'

/** The route that takes events. */
export function eventsRoute(context: RouteContext): Route {
  const onReplaced = (count: number) => context.metrics.replacedBytes(count)
  return {
    method: 'POST',
    path: '/v1/events',
    right: 'send',
    answersHead: false,
    handle: async (call) => {
      const { request } = call
      const carriage = readCarriage({ headers: request.headers, query: call.query }, context.limits, onReplaced)
      if (carriage.kind === 'problem') return problemAnswer(carriage)
      return await withBody(request, bodyKind(carriage.form), context, async (body) => {
        if (body.kind === 'gone') return 'gone'
        if (body.kind !== 'body') return problemAnswer(bodyProblem(body))
        return await withUtf8({ bytes: body.bytes, carriage }, context.batchTurns, onReplaced, (utf8) =>
          acceptBody(utf8, rulesFor(call), context),
        )
      })
    },
  }
}

async function acceptBody(
  { bytes, carriage }: CarriedBody,
  rules: EventRules,
  context: RouteContext,
): Promise<HttpAnswer> {
  const startedMs = performance.now()
  const form = batchForm(bytes, carriage.form)
  if (form !== undefined) {
    const outcome = await acceptBatch({ form, bytes, decode: carriage.charset.decode }, rules, context)
    return outcome instanceof Tally ? outcome.answer() : problemAnswer(outcome)
  }
  const result = readSingle(bytes, carriage, rules, context.limits)
  context.metrics.overheadIngress(performance.now() - startedMs)
  const tally = new Tally()
  await acceptSlice([{ index: 0, result }], tally, context)
  return tally.answer()
}

function rulesFor({ caller, request }: Call): EventRules {
  const { traceparent } = request.headers
  return {
    accountFor: (given) => accountFor(caller, given),
    defaultType: undefined,
    traceparent: typeof traceparent === 'string' ? traceparent : undefined,
  }
}

function bodyKind(form: BodyForm): BodyKind {
  if (form === 'batch' || form === 'ndjson') return 'batch'
  return form === 'json' ? 'by-first-byte' : 'single'
}

/** How a body holds many events; undefined where it holds one. */
function batchForm(bytes: Buffer, form: BodyForm): Batch['form'] | undefined {
  if (form === 'ndjson') return 'lines'
  return form === 'batch' || (form === 'json' && beginsArray(bytes)) ? 'array' : undefined
}
