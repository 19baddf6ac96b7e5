/**
 * One request to the API and its answer: address, token, JSON in both directions, and problems as errors.
 * Used by the client and by its streams, the one of events that are sent and the one of what happens.
 */
import { ProblemError, problemOf, RequestError, UnreachableError } from './problem.ts'

/** Where the engine is and how it is asked. */
export interface ClientOptions {
  /** Default `http://127.0.0.1:8080`; a path in it stands before the API's own. Without user info, query and fragment. */
  readonly url?: string
  /** Sent as `Authorization: Bearer`; default: none. */
  readonly token?: string
  /** How long an answer may take in milliseconds; default 300,000, since a large replay takes minutes. */
  readonly timeoutMs?: number
}

/** What is asked. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Without the first stroke: `v1/events`. */
  readonly path: string
  readonly contentType?: string
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

/** Where an engine listens unless its configuration says otherwise (contract, section 1). */
export const DEFAULT_URL = 'http://127.0.0.1:8080'

const DEFAULT_TIMEOUT_MS = 300_000

/** Asks an engine; safe to use for many requests at once. */
export class ApiConnection {
  /** Ends with a stroke, so that paths are put behind it. */
  readonly #base: URL
  readonly #authorization: Readonly<Record<string, string>>
  readonly #timeoutMs: number

  /** Throws {@link RequestError} where `url` or `token` can't be used. */
  constructor({ url = DEFAULT_URL, token = '', timeoutMs = DEFAULT_TIMEOUT_MS }: ClientOptions) {
    this.#base = baseOf(url)
    const credentials = credentialsOf(token)
    this.#authorization = credentials === '' ? {} : { authorization: `Bearer ${credentials}` }
    this.#timeoutMs = timeoutMs
  }

  /** The JSON of a good answer; throws {@link ProblemError} for any other, {@link UnreachableError} for none. */
  async ask(request: ApiRequest): Promise<unknown> {
    const { signal } = request
    const timeout = AbortSignal.timeout(this.#timeoutMs)
    const limits = signal === undefined ? timeout : AbortSignal.any([signal, timeout])
    let response: Response
    let text: string
    try {
      response = await this.#fetch(request, 'application/json', limits)
      text = await response.text()
    } catch (error) {
      signal?.throwIfAborted()
      throw this.unreachable(error)
    }
    const answer = jsonOf(text)
    if (response.ok) return answer
    throw problemError(response, answer)
  }

  /** The text of a good answer of the media type `type`; throws as {@link ask} does. */
  async askText(target: string, type: string, signal?: AbortSignal): Promise<string> {
    const timeout = AbortSignal.timeout(this.#timeoutMs)
    try {
      const bytes = await this.open(target, type, signal === undefined ? timeout : AbortSignal.any([signal, timeout]))
      return await new Response(bytes).text()
    } catch (error) {
      signal?.throwIfAborted()
      throw error instanceof ProblemError || error instanceof UnreachableError ? error : this.unreachable(error)
    }
  }

  /**
   * The bytes of an answer that goes on for as long as somebody reads it, of the media type `type`; throws as {@link ask}
   * does. `signal` is all that ends it; what then reads it is told so by an error.
   */
  async open(target: string, type: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const response = await this.#fetch({ method: 'GET', path: target }, type, signal).catch((error: unknown) => {
      signal.throwIfAborted()
      throw this.unreachable(error)
    })
    if (!response.ok) throw problemError(response, jsonOf(await response.text().catch(() => '')))
    if (response.body !== null && response.headers.get('content-type')?.startsWith(type) === true) return response.body
    await response.body?.cancel()
    const title = 'The answer is not one of Switchhook'
    const detail = `It is not of the type ${type}; does an engine listen there?`
    throw new ProblemError(
      { status: response.status, type: 'about:blank', title, detail, errors: [] },
      undefined,
      undefined,
    )
  }

  /** The error for an answer that did not come, or broke off. */
  unreachable(cause: unknown): UnreachableError {
    return new UnreachableError(this.#base.origin, cause)
  }

  async #fetch(request: ApiRequest, accept: string, signal: AbortSignal): Promise<Response> {
    const { method, path, body, contentType = 'application/json' } = request
    return await fetch(new URL(path, this.#base), {
      method,
      headers: {
        accept,
        ...this.#authorization,
        ...(body === undefined ? {} : { 'content-type': contentType }),
        ...request.headers,
      },
      // Another address would be sent the token.
      redirect: 'manual',
      signal,
      ...(body === undefined ? {} : { body }),
    })
  }
}

function baseOf(url: string): URL {
  const base = /^https?:\/\//i.test(url) ? URL.parse(url.endsWith('/') ? url : `${url}/`) : null
  if (base === null) throw new RequestError(`the URL of the engine is none such as ${DEFAULT_URL}`)
  if (base.username !== '' || base.password !== '') {
    throw new RequestError('the URL of an engine has no user and no password: what is sent is the token')
  }
  if (base.search !== '' || base.hash !== '') {
    throw new RequestError(`the URL of an engine has neither ? nor #: ${JSON.stringify(base.origin)} is expected`)
  }
  return base
}

/** A token without the line end that a file has behind it. `fetch` would show in its message what it can't send. */
function credentialsOf(token: string): string {
  const credentials = token.trim()
  if (/^[\x21-\x7E]*$/.test(credentials)) return credentials
  throw new RequestError(
    'the token holds characters that can not be sent: only visible ones of ASCII are, and no blanks',
  )
}

function problemError(response: Response, answer: unknown): ProblemError {
  const problem = problemOf(response.status, response.statusText, answer)
  return new ProblemError(problem, answer, retryAfterMs(response.headers.get('retry-after')))
}

/**
 * A path with its parts encoded, so that an id can not become another path: `` path`v1/webhooks/${id}` ``. Throws
 * {@link RequestError} for those that can't stand in one however they are written: `.`, `..`, nothing, half a character.
 */
export function path(texts: TemplateStringsArray, ...parts: readonly string[]): string {
  for (const part of parts) {
    // In a path of a URL the first three are steps, encoded or not.
    if (['', '.', '..'].includes(part) || !part.isWellFormed()) {
      throw new RequestError(`${JSON.stringify(part)} can not be asked for: no path of the API can hold it`)
    }
  }
  return texts.reduce((whole, text, index) => `${whole}${encodeURIComponent(parts[index - 1] ?? '')}${text}`)
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The engine says seconds (RFC 9110, 10.2.3); a date, which a proxy may send, counts as a second. */
function retryAfterMs(field: string | null): number | undefined {
  if (field === null) return undefined
  return /^\d{1,6}$/.test(field) ? Number(field) * 1000 : 1000
}
