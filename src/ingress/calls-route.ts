/**
 * `GET /v1/calls/{subject}`: a call's whole story, the oldest first - its events, deliveries and decisions, each with what was
 * sent and what came back. The first page has the latest; `next` leads to what came before. A call belongs to one account: the
 * token's only one, or the one that is named, or the default.
 */

import { isStoryCursor, type ShownRequest, type StoryEntry, type StoryRequest } from '../engine/call-story.ts'
import type { CallStory } from '../engine/calls.ts'
import { accountFor, type Caller } from './access.ts'
import { jsonAnswer, problemAnswer, type RouteAnswer } from './answer.ts'
import { deliveryView, timeText } from './delivery-view.ts'
import type { EnginePort } from './engine-port.ts'
import { type Problem, type ProblemPart, problem } from './problems.ts'
import { readFilter } from './query-filter.ts'
import { requestView } from './request-view.ts'
import type { Call, Route, RouteContext } from './route.ts'

/** Entries on a page unless the query says otherwise. */
const DEFAULT_PAGE_SIZE = 50

/** Most entries on a page, events aside: each is rendered anew. */
const PAGE_SIZE_LIMIT = 100

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
  const given = readFilter(call.query, ['account', 'limit', 'cursor'], context)
  if ('kind' in given) return problemAnswer(given)
  const request = readRequest(call.id, given, call.caller)
  if ('kind' in request) return problemAnswer(request)
  const story = await engine.calls.story(request)
  if (story === undefined) return problemAnswer(noCall(call.id))
  return jsonAnswer(200, storyView(request, story, engine))
}

function readRequest(subject: string, given: ReadonlyMap<string, string>, caller: Caller): StoryRequest | Problem {
  const errors: ProblemPart[] = []
  const named = given.get('account')
  const account = accountFor(caller, named)
  // An account that the caller does not see is one without calls.
  if (typeof account !== 'string' && named !== undefined) return noCall(subject)
  if (typeof account !== 'string') errors.push({ path: 'query.account', detail: account.refused })
  const limitText = given.get('limit') ?? String(DEFAULT_PAGE_SIZE)
  const limit = /^\d{1,6}$/.test(limitText) ? Number(limitText) : 0
  if (limit < 1 || limit > PAGE_SIZE_LIMIT) {
    errors.push({ path: 'query.limit', detail: `must be a whole number from 1 to ${PAGE_SIZE_LIMIT}` })
  }
  const cursor = given.get('cursor')
  if (cursor !== undefined && !isStoryCursor(cursor)) {
    errors.push({ path: 'query.cursor', detail: 'must be next of the page before' })
  }
  if (typeof account !== 'string' || errors.length > 0) {
    return problem('invalid-request', 'The query is not acceptable', { errors })
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
