/**
 * The short way to the routes that machines call all day: a target that is spelled as documented is found here by comparing texts.
 * All other routes, and other spellings of these, are Fastify's to find, whose routing and objects cost a request five
 * microseconds. Called by the server, with every request.
 */
import type { Route } from '../route.ts'

/** A route, and the `{id}` of its path, empty where it has none. */
export interface FoundRoute {
  readonly route: Route
  readonly id: string
}

/** Finds the route of a method and a request target; undefined: ask Fastify. */
export type FindRoute = (method: string | undefined, target: string | undefined) => FoundRoute | undefined

const DIRECT_PATHS = ['/v1/events', '/v1/webhooks/{id}/invoke']

/** Ids that mean themselves in a target. */
const PLAIN_ID = /^[\w-]{1,64}$/

/** Looks for the direct ones among `routes`. */
export function compileDirectRoutes(routes: readonly Route[]): FindRoute {
  const shapes = routes
    .filter(({ path }) => DIRECT_PATHS.includes(path))
    .map((route) => {
      const [before = '', after = ''] = route.path.split('{id}')
      return { route, before, after, hasId: before !== route.path }
    })
  return (method, target = '') => {
    const mark = target.indexOf('?')
    const pathEnd = mark === -1 ? target.length : mark
    for (const { route, before, after, hasId } of shapes) {
      const idEnd = pathEnd - after.length
      if (method !== route.method || !target.startsWith(before) || !target.startsWith(after, idEnd)) continue
      const id = target.slice(before.length, idEnd)
      if (hasId ? PLAIN_ID.test(id) : id === '' && idEnd === before.length) return { route, id }
    }
    return undefined
  }
}
