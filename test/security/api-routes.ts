/** The routes of the API, taken from the code, for tests that must not forget one. */
import { systemClock } from '../../src/clock.ts'
import { Inflater } from '../../src/ingress/body/inflater.ts'
import { LoopTurns } from '../../src/ingress/body/loop-turns.ts'
import { BodyRoom } from '../../src/ingress/body/read-body.ts'
import { DEFAULT_LIMITS } from '../../src/ingress/limits.ts'
import type { Route } from '../../src/ingress/route.ts'
import { allRoutes } from '../../src/ingress/routes.ts'
import { Deadlines } from '../../src/transport/deadlines.ts'
import { NO_MANAGEMENT, RecordingEngine, RecordingMetrics } from '../ingress/recording.ts'

/** Method, path, right of every route, and whether it answers HEAD; nothing can be asked of them. */
export const ROUTES: readonly Pick<Route, 'method' | 'path' | 'right' | 'answersHead'>[] = allRoutes({
  engine: new RecordingEngine(),
  management: NO_MANAGEMENT,
  metrics: new RecordingMetrics(),
  limits: DEFAULT_LIMITS,
  room: new BodyRoom(0),
  inflater: new Inflater(1, () => undefined),
  turns: new LoopTurns(),
  batchTurns: new LoopTurns(),
  paces: new Deadlines(systemClock),
  log: { info: () => undefined, error: () => undefined },
})
