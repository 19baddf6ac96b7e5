/** Webhooks and outcomes for the engine's tests: everything at its default but what a test is about. */
import type { Outcome } from '../../src/model/attempt.ts'
import type { Webhook } from '../../src/model/webhook.ts'

/** A `custom` webhook that posts to a server of its own and is triggered by every `call.end`. */
export function webhook(id: string, changes: Partial<Webhook> = {}): Webhook {
  return {
    id,
    name: id,
    account: 'default',
    active: true,
    profile: 'custom',
    endpoint: { id: `https://${id}.example.com`, origin: `https://${id}.example.com`, allow: [] },
    request: {
      method: 'POST',
      url: { text: `https://${id}.example.com/hook`, syntax: 'none' },
      query: [],
      body: { kind: 'none' },
      headers: [],
    },
    answer: { kind: 'status' },
    success: [200, 201, 202, 203, 204],
    trigger: { on: ['call.end'], unbound: false },
    connectTimeoutMs: 5000,
    responseTimeoutMs: 5000,
    scheduleMs: [0, 5000, 300_000],
    jitter: 0,
    ordered: false,
    secrets: [],
    circuit: { failures: 6, withinMs: 60_000, probeMs: 1000 },
    ...changes,
  }
}

/** An outcome that failed with status 500, but for `changes`. */
export function outcome(changes: Partial<Outcome> = {}): Outcome {
  return {
    result: 'failure',
    startedAtMs: 1000,
    durationMs: 3,
    status: 500,
    reason: 'status',
    detail: 'the server answered 500',
    retryAfter: '',
    bytes: 0,
    excerpt: '',
    phases: {},
    ...changes,
  }
}

/** An outcome that succeeded with status 200. */
export function success(): Outcome {
  return outcome({ result: 'success', status: 200, reason: '', detail: '' })
}
