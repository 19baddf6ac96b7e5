/**
 * The plan: a configuration made ready for events - who is triggered, what is sent, by version. A reload builds a new plan
 * beside the old and swaps one reference; a change of single entries is made in the plan, in one turn of the loop. Planned
 * webhooks are immutable, and work in flight ends on the one that it began with. Each has a version of its own, so that a
 * change touches that webhook and no other, and is compiled when first needed.
 */
import { compileRequest, type RenderRequest } from '../../compile/compile-request.ts'
import { SwitchhookError } from '../../errors.ts'
import type { RequestSpec } from '../../model/request-spec.ts'
import type { Binding, Webhook } from '../../model/webhook.ts'
import type { TriggerRule } from '../../profiles/profile.ts'
import { type AttemptSigner, createAttemptSigner } from '../../transport/sign.ts'
import type { Steps } from '../slices.ts'
import { Router } from './router.ts'
import { shownRequest } from './shown-request.ts'

/** What a plan is made of. */
export interface PlanSource {
  readonly webhooks: Iterable<Webhook>
  readonly bindings: Iterable<Binding>
  /** Names that percent tokens may use: the catalogue's and the carrier's own. */
  readonly pointNames: ReadonlySet<string>
  /** Webhooks that exist but can't be used as they are configured, with their accounts: their deliveries wait. Default: none. */
  readonly suspended?: ReadonlyMap<string, string>
}

/** Single entries that change, all at once. */
export interface PlanChange {
  /** `webhook` undefined: it is gone, or with `suspendedOf`, its account, suspended. */
  readonly webhooks: readonly {
    readonly id: string
    readonly webhook: Webhook | undefined
    readonly suspendedOf?: string
  }[]
  readonly bindings: readonly { readonly before: Binding | undefined; readonly after: Binding | undefined }[]
}

/** A webhook in the plan. */
export class PlannedWebhook {
  readonly webhook: Webhook
  readonly version: number
  /** Row of its metrics in each thread's block. */
  readonly metricsRow: number
  readonly #pointNames: ReadonlySet<string>
  readonly #engineVersion: string
  #signer: AttemptSigner | undefined
  #render: RenderRequest | undefined
  #renderFallback: RenderRequest | undefined
  #renderShown: RenderRequest | undefined
  #renderFallbackShown: RenderRequest | undefined

  constructor(webhook: Webhook, version: number, pointNames: ReadonlySet<string>, context: PlanContext) {
    this.webhook = webhook
    this.version = version
    this.metricsRow = context.metricsRowOf(webhook.id)
    this.#engineVersion = context.engineVersion
    this.#pointNames = pointNames
  }

  /** What each attempt adds to the request; made on the first call, since most webhooks only deliver, which others sign. */
  get signer(): AttemptSigner {
    this.#signer ??= createAttemptSigner(this.webhook.secrets, this.#engineVersion)
    return this.#signer
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

/** A webhook of the plan, and whether it is active. */
export interface FoundWebhook {
  readonly planned: PlannedWebhook
  readonly isActive: boolean
}

/** See the head of this file. */
export interface Plan {
  readonly webhooks: Map<string, PlannedWebhook>
  readonly router: Router
  readonly pointNames: ReadonlySet<string>
  readonly suspended: Map<string, string>
  /** Highest version given out so far. */
  lastVersion: number
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
  const hasSameNames = previous !== undefined && sameNames(previous.pointNames, source.pointNames)
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
  return { webhooks, router, pointNames: source.pointNames, suspended: new Map(source.suspended), lastVersion }
}

/** Changes single entries of `plan`; `onWebhook` is told of each that differs. */
export function changePlan(
  plan: Plan,
  change: PlanChange,
  context: PlanContext,
  onWebhook: (id: string, before: Webhook | undefined, after: Webhook | undefined) => void,
): void {
  const { webhooks, router, suspended } = plan
  for (const { before } of change.bindings) if (before !== undefined) router.removeBinding(before)
  for (const { id, webhook, suspendedOf } of change.webhooks) {
    const known = webhooks.get(id)
    if (suspendedOf === undefined) suspended.delete(id)
    else suspended.set(id, suspendedOf)
    if (known !== undefined && webhook !== undefined && sameWebhook(known.webhook, webhook)) continue
    if (known !== undefined) router.removeWebhook(known.webhook)
    webhooks.delete(id)
    if (webhook !== undefined) {
      plan.lastVersion += 1
      webhooks.set(id, new PlannedWebhook(webhook, plan.lastVersion, plan.pointNames, context))
      router.addWebhook(webhook)
    }
    onWebhook(id, known?.webhook, webhook)
  }
  for (const { after } of change.bindings) if (after !== undefined) router.addBinding(after)
}

/** The webhooks of a plan, read as they are come to. */
export function* webhooksOf(plan: Plan): Iterable<Webhook> {
  for (const { webhook } of plan.webhooks.values()) yield webhook
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
