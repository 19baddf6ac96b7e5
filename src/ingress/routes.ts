/**
 * The list of everything that the API answers. A route that is not in here does not exist; the tests take their table of
 * rights from it, so that a new route needs a row there. Called by the server.
 */
import { callsRoute } from './calls/calls-route.ts'
import { eraseRoute } from './calls/erase-route.ts'
import { recentCallsRoute } from './calls/recent-calls-route.ts'
import { streamRoute } from './calls/stream-route.ts'
import { deliveryRoutes } from './deliveries/delivery-routes.ts'
import { purgeRoute } from './deliveries/purge-route.ts'
import { eventsRoute } from './events/events-route.ts'
import type { Route, RouteContext } from './route.ts'
import { logRoutes } from './state/log-route.ts'
import { openApiRoute } from './state/openapi-route.ts'
import { stateRoutes } from './state/state-routes.ts'
import { extractRoute } from './webhooks/extract-route.ts'
import { managementRoutes } from './webhooks/management-routes.ts'
import { webhookCommands } from './webhooks/webhook-commands.ts'
import { webhookRoutes } from './webhooks/webhook-routes.ts'

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
