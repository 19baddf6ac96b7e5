/**
 * The audit trail: a line of the log for every change that somebody asked for - who, from where, what, and what came of it,
 * also where it failed. It names tokens by their names and never holds a secret. Called by every route that changes something.
 */
import { messageOf } from '../../errors.ts'
import type { Call, RouteContext } from '../route.ts'

/**
 * Carries out `work` and writes its line: `fields` say what was asked for, `told` what came of it; where that is undefined, nothing
 * was changed, and there is no line.
 */
export async function audited<Result>(
  { caller, request }: Call,
  { log }: RouteContext,
  action: string,
  fields: object,
  work: () => Promise<Result>,
  told: (result: Result) => object | undefined,
): Promise<Result> {
  const who = { audit: action, by: caller.name, from: request.socket.remoteAddress ?? '', ...fields }
  try {
    const result = await work()
    const came = told(result)
    if (came !== undefined) log.info({ ...who, ...came }, `audit: ${action}`)
    return result
  } catch (error) {
    log.info({ ...who, failed: messageOf(error) }, `audit: ${action}`)
    throw error
  }
}
