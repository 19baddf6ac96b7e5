/**
 * Configurations as they were written, as JSON text: kept beside what was read of them, so that they can be shown, read again
 * and exported. Invariant: `JSON.parse` gives back a value that means the same, also where its writer gave keys an order.
 * Made while a file is loaded, and of what comes over the API.
 */
import { entriesOf } from '../profiles/entries.ts'
import type { WrittenConfig } from './engine-config.ts'

/** The lists, and all other sections, of a configuration without mistakes. */
export function writtenConfig(value: unknown): WrittenConfig {
  const { templates, webhooks, bindings, ...sections } = Object.fromEntries(entriesOf(value) ?? [])
  return {
    templateTexts: membersOf(templates).map((each) => writtenText(each)),
    webhookTexts: membersOf(webhooks).map((each) => writtenText(each)),
    bindingTexts: membersOf(bindings).map((each) => writtenText(each)),
    sectionsText: writtenText(sections),
  }
}

/** A template, webhook, binding or mapping of sections; `first` are keys that stand before all others, whatever it has. */
export function writtenText(value: unknown, first: Readonly<Record<string, string>> = {}): string {
  const entries = (entriesOf(value) ?? []).filter(([key]) => !Object.hasOwn(first, key))
  return JSON.stringify({ ...first, ...Object.fromEntries(entries.map(([key, member]) => [key, plain(member, key)])) })
}

function membersOf(list: unknown): readonly unknown[] {
  return Array.isArray(list) ? list : []
}

function plain(value: unknown, key = ''): unknown {
  if (value instanceof Map && key === 'params') return [...value].map(([name, member]) => listedParam(name, member))
  if (Array.isArray(value)) return value.map((member) => plain(member))
  // JSON has none of these; what reads them takes them as texts too.
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  const entries = entriesOf(value)
  return entries === undefined ? value : Object.fromEntries(entries.map(([name, member]) => [name, plain(member)]))
}

/** Parameters are sent in the order written, which an object does not keep for names such as `10`: a list does. */
function listedParam(name: unknown, member: unknown): object {
  const entries = entriesOf(member)
  return entries === undefined ? { name, from: member } : { name, ...Object.fromEntries(entries) }
}
