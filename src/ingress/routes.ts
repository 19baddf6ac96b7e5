/**
 * The list of everything that the API answers. A route that is not in here does not exist; the tests take their table of
 * rights from it, so that a new route needs a row there. Called by the server.
 */
import { callsRoute } from './calls-route.ts'
import { deliveryRoutes } from './delivery-routes.ts'
import { eraseRoute } from './erase-route.ts'
import { eventsRoute } from './events-route.ts'
import { extractRoute } from './extract-route.ts'
import { logRoutes } from './log-route.ts'
import { managementRoutes } from './management-routes.ts'
import { openApiRoute } from './openapi-route.ts'
import { purgeRoute } from './purge-route.ts'
import { recentCallsRoute } from './recent-calls-route.ts'
import type { Route, RouteContext } from './route.ts'
import { stateRoutes } from './state-routes.ts'
import { streamRoute } from './stream-route.ts'
import { webhookCommands } from './webhook-commands.ts'
import { webhookRoutes } from './webhook-routes.ts'

/** All routes, the two hot ones first. */
export function allRoutes(context: RouteContext): readonly Route[] {
  return [
    eventsRoute(context),
    ...webhookRoutes(context),
    ...webhookCommands(context),
    ...managementRoutes(context),
    ...deliveryRoutes(context),
    purgeRoute(context),
    eraseRoute(context),
    callsRoute(context),
    recentCallsRoute(context),
    streamRoute(context),
    extractRoute(context),
    ...stateRoutes(context),
    ...logRoutes(context),
    openApiRoute(),
  ]
}
