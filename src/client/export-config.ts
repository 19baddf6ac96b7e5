/**
 * The whole configuration of a running engine as one that a file can hold. Invariant: no secret is in it; where the engine hides
 * one stands the name of a variable, and references to variables and files stay as they are. Used by the client.
 */
import type { ManagedConfig, ManagedEntry } from './managed.ts'

/** Something that has to be put in before the file can be used. */
export interface Placeholder {
  /** A variable of the environment; absent: to be written into the file itself. */
  readonly variable?: string
  /** Where it stands: `webhooks crm signing.secret`. */
  readonly at: string
  /** What it is, where that is not clear from the place. */
  readonly note?: string
}

/** See the head of this file. */
export interface ExportedConfig {
  readonly config: ManagedConfig
  readonly placeholders: readonly Placeholder[]
  /** Entries that can't be used as they are and are left out, as `webhooks crm`. */
  readonly leftOut: readonly string[]
}

/** All entries by their lists. */
export interface ExportedLists {
  readonly templates: readonly ManagedEntry[]
  readonly webhooks: readonly ManagedEntry[]
  readonly bindings: readonly ManagedEntry[]
}

/** Puts sections and lists together. */
export function exportConfig(sections: ManagedConfig, lists: ExportedLists): ExportedConfig {
  const written = Object.values(lists).flatMap((entries: readonly ManagedEntry[]) =>
    entries.map(({ config }) => config),
  )
  const placeholders = new Placeholders(variablesIn([sections, ...written]))
  const leftOut: string[] = []
  const configs: Record<string, readonly ManagedConfig[]> = {}
  for (const name of ['templates', 'webhooks', 'bindings'] as const) {
    const entries = lists[name]
    leftOut.push(...entries.filter(({ mistakes }) => mistakes !== undefined).map(({ id }) => `${name} ${id}`))
    const usable = entries.filter(({ mistakes }) => mistakes === undefined)
    if (usable.length === 0) continue
    configs[name] = usable.map(({ id, config }) => (name === 'webhooks' ? placeholders.webhook(id, config) : config))
  }
  return { config: { ...sections, ...configs }, placeholders: placeholders.all, leftOut }
}

const HIDDEN_USER_INFO = '//[secret]@'

/** Gives each hidden secret a variable of its own. */
class Placeholders {
  readonly all: Placeholder[] = []
  readonly #names: Set<string>

  /** `taken`: variables that mean something else already. */
  constructor(taken: Iterable<string>) {
    this.#names = new Set(taken)
  }

  webhook(id: string, config: ManagedConfig): ManagedConfig {
    const at = `webhooks ${id}`
    const shown = Object.fromEntries(
      Object.entries(config).map(([key, value]) => {
        if (key === 'headers' || key === 'apiSecret' || key === 'signing') return [key, this.#replace(id, [key], value)]
        if (key === 'tls') return [key, this.#identity(id, value)]
        return [key, value]
      }),
    )
    return this.#userInfo(id, at, shown)
  }

  /** What is hidden at any depth. */
  #replace(id: string, path: readonly string[], value: unknown): unknown {
    if (Array.isArray(value)) {
      return value.map((member, index) => this.#replace(id, [...path, nameOf(member) ?? String(index)], member))
    }
    if (typeof value !== 'object' || value === null) return value
    if ('hidden' in value && value.hidden === true) return this.#variable(id, path)
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [
        key,
        this.#replace(id, key === 'value' && path.length > 1 ? path : [...path, key], member),
      ]),
    )
  }

  /** A file has certificates by reference only. */
  #identity(id: string, value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => {
        const isText = typeof member === 'string' && key !== 'serverName'
        return [key, isText ? this.#variable(id, ['tls', key]) : this.#replace(id, ['tls', key], member)]
      }),
    )
  }

  /** User and password of a URL are sent as a header field, which a file can have as a secret. */
  #userInfo(id: string, at: string, config: ManagedConfig): ManagedConfig {
    const { url, headers, fallback } = config
    const isHidden = (text: unknown): text is string => typeof text === 'string' && text.includes(HIDDEN_USER_INFO)
    const fallbackUrl =
      typeof fallback === 'object' && fallback !== null && 'url' in fallback ? fallback.url : undefined
    const note = 'user and password'
    if (isHidden(fallbackUrl)) this.all.push({ at: `${at} fallback.url`, note })
    if (!isHidden(url)) return config
    // The fallback's server would be sent the header too.
    if (fallback !== undefined) {
      this.all.push({ at: `${at} url`, note })
      return config
    }
    const plain = url.replace(HIDDEN_USER_INFO, '//')
    const listed = Array.isArray(headers)
      ? headers
      : Object.entries(headers ?? {}).map(([name, value]) => ({ name, value }))
    if (listed.some((header: unknown) => nameOf(header)?.toLowerCase() === 'authorization'))
      return { ...config, url: plain }
    const value = this.#variable(id, ['authorization'], 'Basic and the Base64 of user:password of its url')
    return { ...config, url: plain, headers: [...listed, { name: 'authorization', value }] }
  }

  #variable(id: string, path: readonly string[], note?: string): { readonly env: string } {
    const base = ['switchhook', 'webhook', id, ...path]
      .join('_')
      .toUpperCase()
      .replaceAll(/[^A-Z0-9]+/g, '_')
    let variable = base
    for (let count = 2; this.#names.has(variable); count += 1) variable = `${base}_${count}`
    this.#names.add(variable)
    this.all.push({ variable, at: `webhooks ${id} ${path.join('.')}`, ...(note !== undefined && { note }) })
    return { env: variable }
  }
}

/** The variables that stand in a configuration, at any depth: those of an earlier export among them. */
function* variablesIn(value: unknown): Iterable<string> {
  if (typeof value !== 'object' || value === null) return
  for (const [key, member] of Object.entries(value)) {
    if (key === 'env' && typeof member === 'string') yield member
    yield* variablesIn(member)
  }
}

function nameOf(member: unknown): string | undefined {
  const isNamed = typeof member === 'object' && member !== null && 'name' in member
  return isNamed && typeof member.name === 'string' ? member.name : undefined
}
