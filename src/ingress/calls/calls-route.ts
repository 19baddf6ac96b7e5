/**
 * `GET /v1/calls/{subject}`: a call's whole story, the oldest first - its events, deliveries and decisions, each with what was
 * sent and what came back. The first page has the latest; `next` leads to what came before. A call belongs to one account: the
 * token's only one, or the one that is named, or the default.
 */

import { isStoryCursor, type ShownRequest, type StoryEntry, type StoryRequest } from '../../engine/calls/call-story.ts'
import type { CallStory } from '../../engine/calls/calls.ts'
import { countField, type Fields, fields, textField } from '../body/fields.ts'
import { readFilter, refuseFilter } from '../body/query-filter.ts'
import { deliveryView, timeText } from '../deliveries/delivery-view.ts'
import { accountFor, type Caller } from '../http/access.ts'
import { jsonAnswer, problemAnswer, type RouteAnswer } from '../http/answer.ts'
import type { EnginePort } from '../ports/engine-port.ts'
import { type Problem, problem } from '../problems.ts'
import type { Call, Route, RouteContext } from '../route.ts'
import { requestView } from '../webhooks/request-view.ts'

/** Entries on a page unless the query says otherwise. */
const DEFAULT_PAGE_SIZE = 50

/** Most entries on a page, events aside: each is rendered anew. */
const PAGE_SIZE_LIMIT = 100

/** Which part of a story. */
interface StoryFilter {
  readonly account?: string | undefined
  readonly limit: number
  readonly cursor?: string | undefined
}

/** See {@link StoryFilter}. */
export const STORY_FILTER: Fields<StoryFilter> = fields({
  account: textField().optional().describe("Whose call; the token's only account by default, else `default`"),
  limit: countField(1, PAGE_SIZE_LIMIT).prefault(DEFAULT_PAGE_SIZE).describe('Most deliveries and decisions on a page'),
  cursor: textField()
    .refine(isStoryCursor, { error: 'must be next of the page before' })
    .optional()
    .describe('`next` of the page before'),
})

/** The route of this file. */
export function callsRoute(context: RouteContext): Route {
  return {
    method: 'GET',
    path: '/v1/calls/{subject}',
    right: 'read',
    answersHead: true,
    handle: (call) => tell(call, context),
  }
}

async function tell(call: Call, context: RouteContext): Promise<RouteAnswer> {
  const { engine } = context
  const given = readFilter(call.query, STORY_FILTER, context)
  if (given.kind === 'problem') return problemAnswer(given)
  const request = requestFor(call.id, given.values, call.caller)
  if ('kind' in request) return problemAnswer(request)
  const story = await engine.calls.story(request)
  if (story === undefined) return problemAnswer(noCall(call.id))
  return jsonAnswer(200, storyView(request, story, engine))
}

function requestFor(
  subject: string,
  { account: named, limit, cursor }: StoryFilter,
  caller: Caller,
): StoryRequest | Problem {
  const account = accountFor(caller, named)
  if (typeof account !== 'string') {
    // An account that the caller does not see is one without calls.
    return named === undefined ? refuseFilter([{ path: 'account', detail: account.refused }]) : noCall(subject)
  }
  return cursor === undefined ? { account, subject, limit } : { account, subject, limit, cursor }
}

function storyView({ account, subject }: StoryRequest, story: CallStory, engine: EnginePort): object {
  const { context, entries, next } = story
  return { subject, account, context, entries: entries.map((entry) => entryView(entry, engine)), next: next ?? null }
}

function entryView(entry: StoryEntry, engine: EnginePort): object {
  switch (entry.kind) {
    case 'event': {
      const { event, acceptedAtMs } = entry.of
      const { id, source, type } = event
      return {
        kind: entry.kind,
        time: timeText(acceptedAtMs),
        id,
        source,
        type,
        data: entry.data,
        context: entry.context,
      }
    }
    case 'delivery': {
      const { record, request } = entry
      const view = deliveryView(record, engine.holdOf(record))
      const sent = request === undefined ? {} : { request: shownView(request) }
      return { kind: entry.kind, time: timeText(record.acceptedAtMs), ...view, ...sent }
    }
    case 'decision': {
      const { kept, made, source, requests } = entry
      const { tries, ...decided } = made
      return {
        ...{
          kind: entry.kind,
          time: timeText(kept.startedAtMs),
          deliveryId: kept.id,
          webhook: kept.planned.webhook.id,
        },
        ...{ event: kept.event, ...source, ...decided },
        requests: withRequests(tries, requests),
      }
    }
  }
}

/** Each try with the request that it made. */
function withRequests(tries: unknown, requests: readonly ShownRequest[]): readonly object[] {
  if (!Array.isArray(tries)) return []
  return tries.map((each: object, index) => {
    const request = requests[index]
    return request === undefined ? each : { ...each, request: shownView(request) }
  })
}

function shownView({ origin, rendered }: ShownRequest): object {
  return rendered.kind === 'invalid' ? { invalid: rendered.detail } : requestView(origin, rendered)
}

function noCall(subject: string): Problem {
  return problem('not-found', `Nothing is known of a call ${JSON.stringify(subject)}, or no longer`)
}
