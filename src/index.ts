/**
 * What programs that embed Switchhook import: read a configuration, start the service, hand events to its engine.
 */
export type { EngineConfig } from './config/engine-config.ts'
export { type ConfigIssue, formatIssue } from './config/issues.ts'
export { type LoadResult, loadConfigFile, parseConfig } from './config/load.ts'
export { SwitchhookError } from './errors.ts'
export type { Decision, Reason } from './model/decision.ts'
export type { CallEvent } from './model/event.ts'
export type { AcceptResult, InvokeResult } from './model/results.ts'
export { type Service, type ServiceOptions, startService } from './service.ts'
export { loadTracing } from './tracing/load.ts'
export type { LoadedTracing, Tracing } from './tracing/tracing.ts'
