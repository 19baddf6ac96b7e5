/**
 * `POST /v1/events`: takes one event or many and answers when all are durable or refused. A request that can't be read whole
 * is refused whole; otherwise each event is answered for itself.
 */

import { utf8Decoder } from '../body/charset.ts'
import { type BodyKind, withBody } from '../body/read-body.ts'
import { accountFor } from '../http/access.ts'
import { type HttpAnswer, problemAnswer } from '../http/answer.ts'
import { bodyProblem, type Call, type Route, type RouteContext } from '../route.ts'
import { acceptBatch, acceptSlice, type Batch } from './accept-batch.ts'
import type { EventRules } from './event-attributes.ts'
import { type BodyForm, type Carriage, readCarriage, readSingle } from './event-reader.ts'
import { beginsArray } from './split-batch.ts'
import { Tally } from './tally.ts'

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
        const [bytes, utf8Carriage] = inUtf8(body.bytes, carriage, onReplaced)
        return await acceptBody(bytes, utf8Carriage, rulesFor(call), context)
      })
    },
  }
}

async function acceptBody(
  bytes: Buffer,
  carriage: Carriage,
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

/**
 * Bodies of JSON in UTF-8, whatever they came in: other charsets have bytes that look like brackets or line feeds inside of
 * characters. Forms keep theirs, which their percent-encoded bytes are in as well.
 */
function inUtf8(bytes: Buffer, carriage: Carriage, onReplaced: (count: number) => void): [Buffer, Carriage] {
  const { form, charset } = carriage
  if (charset.isUtf8 || form === 'points-form') return [bytes, carriage]
  const utf8 = { ...carriage, charset: { isUtf8: true, decode: utf8Decoder(onReplaced) } }
  return [Buffer.from(charset.decode(bytes)), utf8]
}
