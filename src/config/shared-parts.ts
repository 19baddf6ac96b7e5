/**
 * Webhooks made of parts that they share: of thousands most have the same policy, header fields, body and server, each read by
 * itself. Invariant: what comes out equals what went in; webhooks are immutable, so nobody can tell. Used for webhooks that are
 * read, and once more for those that come from the process that read them, whose pieces share nothing with each other.
 */
import type { AnswerSpec } from '../model/answer.ts'
import type { BodySpec, HeaderSpec, HttpMethod, ParamGroup, RequestSpec, TokenSyntax } from '../model/request-spec.ts'
import type { CircuitPolicy, Endpoint, TriggerSpec, Webhook } from '../model/webhook.ts'

/** Different parts of one sort that are remembered: those of any customer's webhooks, not those of all customers. */
const REMEMBERED = 1000

const NO_SECRETS: readonly string[] = []

/** See the head of this file. One for a load; it remembers what came before, up to a limit. */
export class SharedParts {
  readonly #accounts = new SharedPart<string>()
  readonly #profiles = new SharedPart<string>()
  readonly #endpoints = new SharedPart<Endpoint>()
  readonly #methods = new SharedPart<HttpMethod>()
  readonly #syntaxes = new SharedPart<TokenSyntax>()
  readonly #queries = new SharedPart<readonly ParamGroup[]>()
  readonly #bodies = new SharedPart<BodySpec>()
  readonly #headers = new SharedPart<readonly HeaderSpec[]>()
  readonly #answers = new SharedPart<AnswerSpec>()
  readonly #successes = new SharedPart<Webhook['success']>()
  readonly #triggers = new SharedPart<TriggerSpec>()
  readonly #schedules = new SharedPart<readonly number[]>()
  readonly #circuits = new SharedPart<CircuitPolicy | 'off'>()

  /** An equal webhook, made of parts of those before where they are equal. */
  of(webhook: Webhook): Webhook {
    const { id, name, secrets, fallback } = webhook
    return {
      ...webhook,
      name: name === id ? id : name,
      account: this.#accounts.of(webhook.account),
      profile: this.#profiles.of(webhook.profile),
      endpoint: this.#endpoints.of(webhook.endpoint),
      request: this.#request(webhook.request),
      answer: this.#answers.of(webhook.answer),
      success: this.#successes.of(webhook.success),
      trigger: this.#triggers.of(webhook.trigger),
      scheduleMs: this.#schedules.of(webhook.scheduleMs),
      secrets: secrets.length === 0 ? NO_SECRETS : secrets,
      circuit: this.#circuits.of(webhook.circuit),
      ...(fallback !== undefined && {
        fallback: {
          ...fallback,
          endpoint: this.#endpoints.of(fallback.endpoint),
          request: this.#request(fallback.request),
        },
      }),
    }
  }

  #request({ method, url, query, body, headers }: RequestSpec): RequestSpec {
    return {
      method: this.#methods.of(method),
      url: { text: url.text, syntax: this.#syntaxes.of(url.syntax) },
      query: this.#queries.of(query),
      body: this.#bodies.of(body),
      headers: this.#headers.of(headers),
    }
  }
}

/** Parts of one sort, each different one once. */
class SharedPart<Part> {
  readonly #byText = new Map<string, Part>()
  #last: { readonly part: Part; readonly shared: Part } | undefined

  /** The first that is equal. */
  of(part: Part): Part {
    // Those that come together share it already, and a template's text can be a megabyte.
    if (this.#last?.part === part) return this.#last.shared
    const text = JSON.stringify(part)
    const known = this.#byText.get(text)
    if (known === undefined) {
      if (this.#byText.size === REMEMBERED) this.#byText.clear()
      this.#byText.set(text, part)
    }
    const shared = known ?? part
    this.#last = { part, shared }
    return shared
  }
}
