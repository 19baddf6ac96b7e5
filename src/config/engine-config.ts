/**
 * A configuration, checked and complete: all defaults filled in, all secrets read, all quantities in their base units.
 * Made by `load.ts`; immutable. The engine, the ingress and the command line read it.
 */
import type { DataPointDescription } from '../catalog/description.ts'
import type { LogLevel } from '../logging/levels.ts'
import type { Binding, EgressProxy, Webhook } from '../model/webhook.ts'
import type { TemplateSource } from '../profiles/profile.ts'

/** Where the API listens. */
export interface ListenConfig {
  /** Default 127.0.0.1. */
  readonly host: string
  /** Default 8080; 0 takes any free one. */
  readonly port: number
  /** How long an idle connection is kept; default 75 s. */
  readonly keepAliveMs: number
  /** Most connections at once, and of one address; 16,384 and 4,096 (of a loopback listener the same) unless configured. */
  readonly connections: { readonly total: number; readonly perAddress: number }
  /** With it, the listener speaks TLS alone. */
  readonly tls?: ListenTlsConfig
}

/** Certificates of the listener, as PEM text. */
export interface ListenTlsConfig {
  readonly cert: string
  readonly key: string
  /** Authorities of which clients must show a certificate; absent: they need none. */
  readonly clientCa?: string
}

/** What a token may be used for. */
export type Right = 'send' | 'invoke' | 'read' | 'manage'

/** One API token. */
export interface TokenConfig {
  readonly name: string
  readonly secret: string
  /** Rights as configured; `manage` includes `read`. */
  readonly may: readonly Right[]
  readonly accounts: readonly string[] | 'all'
  /** Requests a second; absent: no limit. */
  readonly ratePerSecond?: number
}

/** An account and the groups that it is in. */
export interface AccountConfig {
  readonly id: string
  readonly groups: readonly string[]
}

/** Where events and deliveries are kept, how many may wait, and how long what ended is kept. */
export interface StoreConfig {
  /** Default `embedded`. */
  readonly engine: 'memory' | 'embedded'
  /** Folder of the embedded store, absolute; default `data` beside the configuration. */
  readonly path: string
  /** Free space below which nothing more is accepted; default 512 MiB. */
  readonly minFreeBytes: number
  /** Most pending deliveries for one endpoint and account, and in all; default 1,000,000 and 10,000,000. */
  readonly backlog: { readonly perEndpoint: number; readonly total: number }
  /** Default 24 h after delivery, 30 days after death, 50 GiB. */
  readonly retention: { readonly deliveredMs: number; readonly deadMs: number; readonly bytes: number }
}

/** How much is logged; `debug` tells of each attempt that failed, too. */
export interface LogConfig {
  /** Default `info`. */
  readonly level: LogLevel
}

/** Whether spans are made. */
export interface TracingConfig {
  /** True: by OpenTelemetry's API, for whoever has registered a tracer provider. Default false. */
  readonly enabled: boolean
}

/** How customers' servers are reached. */
export interface NetworkConfig {
  /** CIDR ranges reachable although not public; none unless configured. */
  readonly allow: readonly string[]
  /** The proxy through which all requests leave; absent: they leave directly. */
  readonly proxy?: EgressProxy
  /** Most connections to one endpoint, by job; 128 for sends and 1024 for invokes unless configured. */
  readonly connections: { readonly send: number; readonly invoke: number }
}

/** Things that can be named by their ids; a `ReadonlyMap` is one. */
export interface ById<Item> {
  get(id: string): Item | undefined
  /** Ids to suggest where one is not found; need not be all. */
  keys(): Iterable<string>
}

/** A template that webhooks can name. */
export interface Template extends TemplateSource {
  readonly id: string
  /** Shown to people; the id unless configured. */
  readonly name: string
  /** Only accounts of this group may use it; absent: all. */
  readonly group?: string
}

/**
 * A configuration as it was written, as JSON text: what the API shows of it. Secrets stand in it as the file has them, by
 * their variables and files.
 */
export interface WrittenConfig {
  /** The one at the same place in `templates`, and so on. */
  readonly templateTexts: readonly string[]
  readonly webhookTexts: readonly string[]
  readonly bindingTexts: readonly string[]
  /** A mapping of all other sections. */
  readonly sectionsText: string
}

/** Everything that the engine is configured with. */
export interface EngineConfig extends WrittenConfig {
  readonly listen: ListenConfig
  /** With none, only loopback may call. */
  readonly tokens: readonly TokenConfig[]
  readonly accounts: readonly AccountConfig[]
  /** The carrier's own, beside the catalogue. */
  readonly dataPoints: readonly DataPointDescription[]
  readonly store: StoreConfig
  readonly log: LogConfig
  readonly tracing: TracingConfig
  /** Threads that send; 0: everything on the main thread; `auto`: as the machine has. */
  readonly workers: number | 'auto'
  readonly network: NetworkConfig
  readonly templates: readonly Template[]
  readonly webhooks: readonly Webhook[]
  readonly bindings: readonly Binding[]
  /** Names that tokens may have: the catalogue's and {@link dataPoints}. */
  readonly pointNames: ReadonlySet<string>
  /** Secrets by where they were read (`env:NAME`, `file:PATH`): what has to be read again is read as it was. */
  readonly secretsRead: ReadonlyMap<string, string>
}
