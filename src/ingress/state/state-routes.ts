/**
 * Routes that show how the service stands: `GET /v1/catalog`, `/v1/stats`, `/metrics`, `/healthz` and `/readyz`.
 * None of them waits for the store.
 */
import { jsonAnswer, problemAnswer, type RouteAnswer } from '../http/answer.ts'
import type { EnginePort } from '../ports/engine-port.ts'
import { problem } from '../problems.ts'
import type { Route, RouteContext } from '../route.ts'

/** Metrics name webhooks and endpoints of every account, and can't be told apart by them. */
const METRICS_OF_ALL = 'Metrics are of all accounts, and this token is for some; use one without accounts, or /v1/stats'

/** The routes of this file. */
export function stateRoutes({ engine, metrics }: RouteContext): readonly Route[] {
  const get = (path: string, right: Route['right'], handle: Route['handle']): Route => {
    return { method: 'GET', path, right, answersHead: true, handle }
  }
  return [
    get('/v1/catalog', 'read', async () => jsonAnswer(200, { platforms: engine.catalog() })),
    get('/v1/stats', 'read', async ({ caller }) => jsonAnswer(200, await engine.stats(caller.accounts))),
    get('/metrics', 'read', async ({ caller, request }) => {
      if (caller.accounts !== 'all') return problemAnswer(problem('forbidden', METRICS_OF_ALL))
      const { accept = '', 'accept-encoding': acceptEncoding } = request.headers
      const { contentType, contentEncoding, body } = await metrics.scrape(accept, String(acceptEncoding ?? ''))
      const headers = { vary: 'accept, accept-encoding' }
      return {
        status: 200,
        contentType,
        body,
        headers: contentEncoding === undefined ? headers : { ...headers, 'content-encoding': contentEncoding },
      }
    }),
    get('/healthz', 'open', async () => jsonAnswer(200, { status: 'alive' })),
    get('/readyz', 'open', async () => readiness(engine)),
  ]
}

/** Anybody may ask, so that only names are told; what the matter is stands in the log and in `/v1/stats`. */
function readiness(engine: EnginePort): RouteAnswer {
  const checks = engine.readiness().map(({ name, ready }) => ({ name, ready }))
  const unready = checks.filter(({ ready }) => !ready)
  if (unready.length === 0) return jsonAnswer(200, { status: 'ready', checks })
  const headers = { 'retry-after': '1' }
  return problemAnswer(
    problem('unavailable', `Not ready: ${unready.map(({ name }) => name).join(', ')}`, { headers }),
    `"checks":${JSON.stringify(checks)}`,
  )
}
