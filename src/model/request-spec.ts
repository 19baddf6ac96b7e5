/**
 * A request as plain data: what a profile makes of a webhook's configuration and what `compile/` turns into a renderer.
 * Plain values only, so that it crosses the thread border by structured clone and a worker compiles the very same source.
 */

/** Methods that a webhook may use. */
export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** How tokens are written in a text: `%name%`, `${name}`, or not at all (the text is literal). */
export type TokenSyntax = 'percent' | 'dollar' | 'none'

/** A text that may hold tokens. */
export interface TokenText {
  readonly text: string
  readonly syntax: TokenSyntax
}

/** What a parameter carries: one data point (a path such as `responses.1`), or text. */
export type ParamValue =
  | { readonly kind: 'point'; readonly path: string }
  | ({ readonly kind: 'text'; readonly isSecret?: true } & TokenText)

/** One parameter, sent under `name` (percent- or form-encoded like its value). */
export interface Param {
  readonly name: string
  readonly value: ParamValue
}

/** Parameters that are sent together, in order. */
export interface ParamGroup {
  readonly params: readonly Param[]
  /** Leave the group out where no data point of the call or its context begins with this prefix (`st_`) and is neither empty nor null. */
  readonly onlyWithPrefix?: string
}

/** The body of a request. */
export type BodySpec =
  | { readonly kind: 'none' }
  /** `application/x-www-form-urlencoded`, the groups in order. */
  | { readonly kind: 'form'; readonly groups: readonly ParamGroup[] }
  /** A JSON object of these members; a member whose data point the call lacks is left out. */
  | { readonly kind: 'json-object'; readonly members: readonly { readonly name: string; readonly path: string }[] }
  /** A pasted format with tokens; `fields` puts data points at paths of a JSON or XML format (`contact.phones.0`, `lead.@id`). */
  | {
      readonly kind: 'template'
      readonly type: TemplateType
      readonly format: TokenText
      readonly fields: Readonly<Record<string, string>>
    }

/** What a template's text is, which decides how each value is encoded where it stands. */
export type TemplateType = 'json' | 'xml' | 'form' | 'text'

/** One header. Control characters in what is rendered become spaces, text beyond ASCII is sent as UTF-8. */
export interface HeaderSpec {
  /** In lower case. */
  readonly name: string
  readonly value: TokenText
  /** Configured as a secret: it is never shown. */
  readonly isSecret?: true
}

/** Everything that is sent, but for what each attempt adds (signature, timestamp, trace). */
export interface RequestSpec {
  readonly method: HttpMethod
  /** Absolute http(s) URL; its scheme, user info, host and port hold no token. A fragment is not sent. */
  readonly url: TokenText
  /** Parameters after those that stand in `url` already. */
  readonly query: readonly ParamGroup[]
  readonly body: BodySpec
  /** Sent in this order; `content-type` is always among them where there is a body. */
  readonly headers: readonly HeaderSpec[]
}

/** A request ready for the wire. */
export interface RenderedRequest {
  readonly kind: 'request'
  readonly method: HttpMethod
  /** Origin form (RFC 9112, 3.2.1): path and query. ASCII only. */
  readonly path: string
  /** Name, value, name, value … Names in lower case; values in Latin-1 characters, one a byte. */
  readonly headers: readonly string[]
  readonly body: string | null
}

/** What was rendered can't be sent safely; `detail` tells which part and why. */
export interface InvalidRequest {
  readonly kind: 'invalid'
  readonly detail: string
}

/** Where a template or URL is wrong. */
export interface TemplateIssue {
  /** Which part: `url`, `body`, `format`, `headers.x-source`, `fields.contact.phone`, `params.qos`. */
  readonly part: string
  /** From 1, in that part's text. */
  readonly line: number
  /** From 1, in UTF-16 units. */
  readonly column: number
  /** What is wrong and what would be right, in one sentence without a final stop. */
  readonly message: string
}
