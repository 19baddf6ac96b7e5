/**
 * What a customer is to the demo: a web server with a few resources, each the target of one webhook. A resource reads its
 * requests as its platform's document describes them and answers as a customer's script would.
 */
import type { IncomingHttpHeaders } from 'node:http'
import type { Content } from '../content.ts'

/** One request, its body complete. */
export interface CustomerRequest {
  readonly method: string
  /** What follows the resource's own path, decoded; empty where nothing does. */
  readonly rest: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** What a request says, and about which call. */
export interface Reading {
  /** The call's id; empty where the request names none. */
  readonly call: string
  readonly content: Content
}

/** What the server does. */
export type CustomerAnswer =
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly contentType?: string
      readonly body?: string
      /** Time to think about it, in milliseconds; default 0. */
      readonly delayMs?: number
    }
  /** Breaks the connection without a word. */
  | { readonly kind: 'broken' }
  /** Never answers. */
  | { readonly kind: 'silent' }

/** The target of one webhook. */
export interface Resource {
  /** Id of the webhook in the example file; a fallback server has its own name here. */
  readonly webhook: string
  readonly job: 'invoke' | 'delivery'
  readonly methods: readonly string[]
  /** Throws an error that tells what is wrong where the request is not in the form of its document. */
  read(request: CustomerRequest): Reading
  answer(content: Content): CustomerAnswer
}

/** A customer with a web server of its own. */
export interface Customer {
  readonly name: string
  /** By path, as the example file's URLs have them up to their first token. */
  readonly resources: Readonly<Record<string, Resource>>
}

/** The resource that a path belongs to, and what follows its own path, decoded. */
export function findResource(
  { resources }: Customer,
  path: string,
): { readonly resource: Resource; readonly rest: string } | undefined {
  for (const [own, resource] of Object.entries(resources)) {
    if (path === own || path.startsWith(`${own}/`)) {
      return { resource, rest: decodeURIComponent(path.slice(own.length + 1)) }
    }
  }
  return undefined
}

/** An answer that takes a delivery: `200 OK`, nothing more. */
export function ok(): CustomerAnswer {
  return { kind: 'answer', status: 200 }
}

/** The text of one value; empty where there is none. */
export function textOf(content: Content, name: string): string {
  const value = content[name] ?? ''
  return String(value)
}
