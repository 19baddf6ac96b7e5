/**
 * `GET` and `PUT /v1/log`: at which level the service logs, changed while it runs. It is of all accounts, and a change leaves
 * its line in the audit, which is written at every level. It lasts until the next start, or another level in the configuration.
 */
import { LOG_LEVELS, type LogLevel } from '../../logging/levels.ts'
import { readCommand } from '../body/command-body.ts'
import { type Fields, fields, wordField } from '../body/fields.ts'
import { jsonAnswer, problemAnswer, type RouteAnswer } from '../http/answer.ts'
import { audited } from '../http/audit.ts'
import { problem } from '../problems.ts'
import type { Call, Route, RouteContext } from '../route.ts'

/** What a change is asked for with. */
export const LOG_ORDER: Fields<{ readonly level: LogLevel }> = fields({
  level: wordField(LOG_LEVELS, `is needed: one of ${LOG_LEVELS.join(', ')}`).describe(
    'Lines of lower levels are not written, but for those of the audit',
  ),
})

const OF_ALL = 'The log is of all accounts, and this token is for some; use one without accounts'

/** The log of a program that embeds the service can be any, with levels of its own. */
const NO_LEVEL = 'The log of this service is kept by the program around it, which alone can change its level'

/** The routes of this file. */
export function logRoutes(context: RouteContext): readonly Route[] {
  const route = (method: 'GET' | 'PUT', right: Route['right'], handle: Route['handle']): Route => {
    return { method, path: '/v1/log', right, answersHead: method === 'GET', handle }
  }
  return [
    route('GET', 'read', async (call) => refusal(call, context) ?? jsonAnswer(200, { level: context.log.level })),
    route('PUT', 'manage', (call) => change(call, context)),
  ]
}

async function change(call: Call, context: RouteContext): Promise<RouteAnswer> {
  const refused = refusal(call, context)
  if (refused !== undefined) return refused
  const body = await readCommand(call, context, LOG_ORDER)
  if (body === 'gone') return 'gone'
  if (body.kind === 'problem') return problemAnswer(body)
  const { level } = body.values
  const work = async (): Promise<{ readonly before: string | undefined }> => {
    const before = context.log.level
    context.log.level = level
    return { before }
  }
  const { before } = await audited(call, context, 'log-level', { to: level }, work, (told) => told)
  return jsonAnswer(200, { level, before })
}

function refusal({ caller }: Call, { log }: RouteContext): RouteAnswer | undefined {
  if (caller.accounts !== 'all') return problemAnswer(problem('forbidden', OF_ALL))
  return log.level === undefined ? problemAnswer(problem('not-found', NO_LEVEL)) : undefined
}
