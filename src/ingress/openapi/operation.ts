/**
 * What the API's document says of one route. Invariant: a row says nothing that code or schemas can say; what is refused
 * before any route is known (a bad token, a head too large) is added for all of them in `responses.ts`.
 * Made by the files named after what they are about, put together in `operations.ts`.
 */
import type { z } from 'zod'
import type { ProblemName } from '../problems.ts'
import type { Route } from '../route.ts'

/** What operations are grouped by. */
export type Tag = 'Events' | 'Live calls' | 'Webhooks' | 'Templates' | 'Bindings' | 'Deliveries' | 'Calls' | 'State'

/** One row. */
export interface Operation extends Pick<Route, 'method' | 'path' | 'right' | 'answersHead'> {
  /** Name of the operation in generated clients. */
  readonly id: string
  readonly tag: Tag
  readonly summary: string
  readonly description: string
  /** Parameter of the path, where it has one. */
  readonly target?: Target
  /** Parameters of the query; absent: none is known. */
  readonly query?: z.ZodObject
  /** Values that the query may have, by parameter. */
  readonly queryExamples?: Readonly<Record<string, unknown>>
  /** True: parameters that nobody knows are data points of the event. */
  readonly takesDataPoints?: true
  /** Header fields that it looks at. */
  readonly fields?: readonly HeaderField[]
  readonly body?: RequestBody
  /** By status. */
  readonly answers: Readonly<Record<number, Answer>>
  /** Refusals of its own. */
  readonly problems: readonly ProblemName[]
  /** Further members of some of its problems. */
  readonly problemMembers?: { readonly of: readonly ProblemName[]; readonly shape: z.ZodRawShape }
}

/** What the path names. */
export interface Target {
  readonly name: 'id' | 'subject'
  readonly description: string
  readonly example: string
}

/** One header field. */
export interface HeaderField {
  readonly name: string
  readonly description: string
  readonly example: string
}

/** What is sent. */
export interface RequestBody {
  readonly isRequired: boolean
  /** By media type. */
  readonly content: Readonly<Record<string, Content>>
}

/** A body of one media type. */
export interface Content {
  readonly schema: z.ZodType
  /** By name. Bodies that are no JSON have their text. */
  readonly examples: Readonly<Record<string, Example>>
}

/** One body, and what has to stand beside it. */
export interface Example {
  readonly summary: string
  readonly value: unknown
  /** Query that goes with it. */
  readonly query?: string
}

/** What is answered. */
export interface Answer {
  readonly description: string
  /** By media type; absent: no body. */
  readonly content?: Readonly<Record<string, AnswerContent>>
  readonly fields?: readonly HeaderField[]
}

/** An answer of one media type. */
export interface AnswerContent {
  readonly schema: z.ZodType
  readonly example: unknown
}

/** An answer of JSON. */
export function json(description: string, schema: z.ZodType, example: unknown): Answer {
  return { description, content: { 'application/json': { schema, example } } }
}

/** A command's body, which may be JSON or a form. */
export function command(
  schema: z.ZodType,
  isRequired: boolean,
  examples: Readonly<Record<string, Example>>,
): RequestBody {
  const content = { schema, examples }
  return { isRequired, content: { 'application/json': content, 'application/x-www-form-urlencoded': content } }
}
