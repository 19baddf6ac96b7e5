/**
 * A webhook: a configured target with its policy, validated and with all defaults filled in.
 * Made by `config/` with the help of its profile; plain data, so that a worker can be sent it once a version.
 */
import type { AnswerSpec } from './answer.ts'
import type { DataValue } from './data.ts'
import type { RequestSpec } from './request-spec.ts'

/** How a server proves itself to us, and we to it, where that is not the system's usual way; PEM texts. */
export interface TlsIdentity {
  /** Authorities trusted for this server, in place of the system's; absent: the system's. */
  readonly ca?: string
  /** Our own certificate with its chain, and its private key, for servers that ask for one; both or none. */
  readonly cert?: string
  /** Secret. */
  readonly key?: string
  /** The name that the server's certificate must bear, sent as server name indication; absent: the host of the URL. */
  readonly serverName?: string
}

/** The proxy through which all requests leave. */
export interface EgressProxy {
  /** `http://proxy.example:3128`, or `https:`; never with user info. */
  readonly origin: string
  /** `user:password`, secret; absent: the proxy asks for none. */
  readonly credentials?: string
  /** Authorities (PEM) trusted for an `https:` proxy, in place of the system's; absent: the system's. */
  readonly ca?: string
  /** What it is asked to connect to: the address that was checked, or the name, whose addresses were all checked. */
  readonly connectBy: 'address' | 'name'
}

/** Where requests go: an origin with the options its connections share. Pools and circuits belong to it. */
export interface Endpoint {
  /** Equal for targets that may share connections: the origin, and a digest of whatever else distinguishes them. */
  readonly id: string
  /** `https://crm.example.com` or with a port; never a path. */
  readonly origin: string
  /** CIDR ranges reachable though not public, `network.allow` of engine and webhook together. */
  readonly allow: readonly string[]
  /** Absent: the system's authorities, no certificate of our own. */
  readonly tls?: TlsIdentity
  /** Absent: requests leave directly. */
  readonly proxy?: EgressProxy
}

/** When a failing endpoint is left alone: `failures` in a row within `withinMs`; then one request a `probeMs`. */
export interface CircuitPolicy {
  readonly failures: number
  readonly withinMs: number
  readonly probeMs: number
}

/** A second server for an invoke. */
export interface Fallback {
  readonly endpoint: Endpoint
  readonly request: RequestSpec
  /** Ask it as well when the first has not answered for so long; absent: only when the first has failed. */
  readonly afterMs?: number
  /** For both servers together, from 1 ms; 10 s unless configured. */
  readonly budgetMs: number
}

/** How a webhook comes to be triggered, in its profile's terms. */
export interface TriggerSpec {
  /** Event types that can trigger it. */
  readonly on: readonly string[]
  /** Whether it is triggered by events that no binding matches (`scope: all-calls`); see its profile's rules. */
  readonly unbound: boolean
}

/** A webhook, ready to be compiled and routed to. */
export interface Webhook {
  readonly id: string
  readonly name: string
  readonly account: string
  readonly active: boolean
  /** A profile's id, `dialogtech-ivr` for example. */
  readonly profile: string
  readonly endpoint: Endpoint
  readonly request: RequestSpec
  /** How an invoke reads the answer. */
  readonly answer: AnswerSpec
  /** How a delivery reads it: these statuses are success, or `any`. */
  readonly success: readonly number[] | 'any'
  readonly trigger: TriggerSpec
  readonly connectTimeoutMs: number
  readonly responseTimeoutMs: number
  /** Wait before attempt 1, 2, … in milliseconds. */
  readonly scheduleMs: readonly number[]
  /** 0 to 1: share of a wait by which it may be shorter or longer. */
  readonly jitter: number
  /** Requests in flight at once; absent: the endpoint's share alone limits. */
  readonly concurrency?: number
  /** Requests a second; absent: no limit. */
  readonly ratePerSecond?: number
  /** Deliveries of one call go out in the order accepted, each when the one before is delivered or dead. */
  readonly ordered: boolean
  /** Standard Webhooks secrets (`whsec_…` or plain text); each gives one signature. */
  readonly secrets: readonly string[]
  readonly circuit: CircuitPolicy | 'off'
  /** Given back with every `backup` decision. */
  readonly backup?: DataValue
  readonly fallback?: Fallback
}

/** What a binding is keyed by and which webhooks it names, in its profile's terms. */
export interface Binding {
  readonly id: string
  readonly account: string
  /** `number`, `pool`, `campaign` … */
  readonly key: string
  /** The data point's value that it matches. */
  readonly value: string
  /** By the profile's member name (`postCall`, `begin`, `end` …): webhook ids, or a word such as `account-wide`. */
  readonly targets: Readonly<Record<string, readonly string[] | string>>
}
