/**
 * An engine without an ingress for regression tests: made from configuration text, on an outbox that the test holds as well.
 */
import { onTestFinished } from 'vitest'
import { parseConfig } from '../../src/config/load.ts'
import { Engine, type EngineOptions, type EngineSettings } from '../../src/engine/engine.ts'
import type { CallEvent } from '../../src/model/event.ts'
import { MemoryOutbox } from '../../src/outbox/memory/memory.ts'

/** An event of the call `subject`, without an id of its own. */
export function callEvent(type: string, subject = 'c1'): CallEvent {
  const none = { hasOwnId: false, source: '/', time: '', traceparent: '' }
  return { ...none, id: type, type, subject, account: 'default', data: { callid: subject } }
}

/** What the engine gets from `yaml`, to which leave for loopback addresses is added. */
export function settingsOf(yaml: string): EngineSettings {
  const loaded = parseConfig(`network: { allow: [127.0.0.0/8] }\nworkers: 0\n${yaml}`, 'test.yaml', {})
  if (loaded.kind === 'refused') throw new Error(loaded.issues.map(({ message }) => message).join('\n'))
  const { config } = loaded
  const { backlog, retention } = config.store
  return { plan: config, dataPoints: [], backlog, retention, connections: config.network.connections }
}

/** Starts an engine with {@link settingsOf} `yaml`; ended with the test. */
export function startEngine(
  yaml: string,
  changes: Partial<EngineOptions> = {},
): { readonly engine: Engine; readonly outbox: EngineOptions['outbox'] } {
  const ignore = (): undefined => undefined
  const options: EngineOptions = {
    ...settingsOf(yaml),
    outbox: new MemoryOutbox(),
    workers: 0,
    version: '1.2.3',
    log: { info: ignore, warn: ignore, error: ignore },
    ...changes,
  }
  const engine = new Engine(options)
  onTestFinished(() => engine.close(0))
  engine.start([])
  return { engine, outbox: options.outbox }
}
