/**
 * The plan: a configuration made ready for events - who is triggered, what is sent, by version. Immutable: a reload builds a
 * new plan beside the old and swaps one reference, and work in flight ends on the plan that it began with. Each webhook
 * carries a version of its own, so that a change touches that webhook and no other, and is compiled when first needed.
 */
import { compileRequest, type RenderRequest } from '../compile/compile-request.ts'
import { SwitchhookError } from '../errors.ts'
import type { RequestSpec } from '../model/request-spec.ts'
import type { Binding, Webhook } from '../model/webhook.ts'
import type { TriggerRule } from '../profiles/profile.ts'
import { type AttemptSigner, createAttemptSigner } from '../transport/sign.ts'
import { Router } from './router.ts'
import { shownRequest } from './shown-request.ts'
import type { Steps } from './slices.ts'

/** What a plan is made of. */
export interface PlanSource {
  readonly webhooks: readonly Webhook[]
  readonly bindings: readonly Binding[]
  /** Names that percent tokens may use: the catalogue's and the carrier's own. */
  readonly pointNames: ReadonlySet<string>
}

/** A webhook in the plan. */
export class PlannedWebhook {
  readonly webhook: Webhook
  readonly version: number
  /** Row of its metrics in each thread's block. */
  readonly metricsRow: number
  /** What each attempt adds to the request. */
  readonly signer: AttemptSigner
  readonly #pointNames: ReadonlySet<string>
  #render: RenderRequest | undefined
  #renderFallback: RenderRequest | undefined
  #renderShown: RenderRequest | undefined
  #renderFallbackShown: RenderRequest | undefined

  constructor(webhook: Webhook, version: number, pointNames: ReadonlySet<string>, context: PlanContext) {
    this.webhook = webhook
    this.version = version
    this.metricsRow = context.metricsRowOf(webhook.id)
    this.signer = createAttemptSigner(webhook.secrets, context.engineVersion)
    this.#pointNames = pointNames
  }

  /** Renders its request on this thread; compiled on the first call. */
  get render(): RenderRequest {
    this.#render ??= compiled(this.webhook.id, this.webhook.request, this.#pointNames)
    return this.#render
  }

  /** As {@link render}, with placeholders for secrets: for people, never for the wire. */
  get renderShown(): RenderRequest {
    this.#renderShown ??= compiled(this.webhook.id, shownRequest(this.webhook.request), this.#pointNames)
    return this.#renderShown
  }

  /** Renders the request to its fallback; undefined where it has none. */
  get renderFallback(): RenderRequest | undefined {
    const { fallback } = this.webhook
    if (fallback !== undefined) {
      this.#renderFallback ??= compiled(this.webhook.id, fallback.request, this.#pointNames)
    }
    return this.#renderFallback
  }

  /** As {@link renderFallback}, with placeholders for secrets. */
  get renderFallbackShown(): RenderRequest | undefined {
    const { fallback, id } = this.webhook
    if (fallback !== undefined) {
      this.#renderFallbackShown ??= compiled(id, shownRequest(fallback.request), this.#pointNames)
    }
    return this.#renderFallbackShown
  }
}

/** See the head of this file. */
export interface Plan {
  readonly webhooks: ReadonlyMap<string, PlannedWebhook>
  readonly router: Router
  readonly source: PlanSource
  /** Highest version given out so far. */
  readonly lastVersion: number
}

/** What {@link buildPlan} needs from its surroundings. */
export interface PlanContext {
  /** Trigger rules by profile id. */
  readonly rules: ReadonlyMap<string, readonly TriggerRule[]>
  readonly metricsRowOf: (webhookId: string) => number
  /** For `user-agent`. */
  readonly engineVersion: string
}

/** Builds the plan that follows `previous`; webhooks that have not changed keep their version and what was compiled. */
export function* buildPlan(source: PlanSource, context: PlanContext, previous?: Plan): Steps<Plan> {
  const hasSameNames = previous !== undefined && sameNames(previous.source.pointNames, source.pointNames)
  let lastVersion = previous?.lastVersion ?? 0
  const webhooks = new Map<string, PlannedWebhook>()
  for (const webhook of source.webhooks) {
    yield
    const known = hasSameNames ? previous.webhooks.get(webhook.id) : undefined
    if (known !== undefined && sameWebhook(known.webhook, webhook)) {
      webhooks.set(webhook.id, known)
      continue
    }
    lastVersion += 1
    webhooks.set(webhook.id, new PlannedWebhook(webhook, lastVersion, source.pointNames, context))
  }
  const router = yield* Router.build(source.webhooks, source.bindings, context.rules)
  return { webhooks, router, source, lastVersion }
}

function compiled(id: string, spec: RequestSpec, pointNames: ReadonlySet<string>): RenderRequest {
  const result = compileRequest(spec, pointNames)
  if (result.kind === 'compiled') return result.render
  // The configuration compiles every webhook before it is accepted, so this is our own mistake.
  throw new SwitchhookError('internal', `webhook ${id} does not compile`, {
    issues: result.issues.map(({ part, message }) => `${part}: ${message}`),
  })
}

function sameWebhook(a: Webhook, b: Webhook): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b)
}

function sameNames(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a === b || (a.size === b.size && [...a].every((name) => b.has(name)))
}
