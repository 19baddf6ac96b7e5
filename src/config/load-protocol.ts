/**
 * What crosses the border between the main process and the one that loads a configuration: an outline, and then the long lists
 * piece by piece, each when it is asked for. Invariant: what may have an entry for each webhook is in pieces or has a limit, so
 * that taking a message over holds the main thread for no longer than one piece takes. Used by both ends, `load-entry.ts` and
 * `load-beside.ts`.
 */
import type { EngineConfig } from './engine-config.ts'
import type { ConfigIssue } from './issues.ts'
import type { LoadResult } from './load.ts'
import type { Environment } from './secrets.ts'

/** What the other process is told first. */
export interface LoadRequest {
  readonly path: string
  readonly environment: Environment
}

/** Lists of what was read that grow with a carrier's customers. */
type ItemLists = Pick<EngineConfig, 'templates' | 'webhooks' | 'bindings'>

/** The same as they were written. */
type TextLists = Pick<EngineConfig, 'templateTexts' | 'webhookTexts' | 'bindingTexts'>

/** All of them. */
export type LongLists = ItemLists & TextLists

/** A result without its long lists. */
export type LoadOutline =
  | Extract<LoadResult, { readonly kind: 'refused' }>
  | (Omit<Extract<LoadResult, { readonly kind: 'loaded' }>, 'config'> & {
      readonly config: Omit<EngineConfig, keyof LongLists>
    })

/** A part of the lists; texts as lines of one, since a part of a long text takes no memory of its own. */
export type Piece =
  | ({ readonly kind: 'items' } & ItemLists)
  | { readonly kind: 'texts'; readonly list: keyof TextLists; readonly lines: string }

/** What the other process answers: an outline to the request, and of a configuration a piece to each empty message after it. */
export type LoadAnswer =
  | { readonly kind: 'outline'; readonly outline: LoadOutline }
  | { readonly kind: 'piece'; readonly piece: Piece }
  | { readonly kind: 'end' }

/** Items in one piece: about half a millisecond of the main thread to take over. */
const ITEMS = 50

/** Texts in one piece, which only have to be cut. */
const TEXTS = 1000

/** Mistakes, and warnings, that are told: whoever reloads logs each, and a file of thousands mostly has one thousands of times. */
const TOLD = 1000

/** All but the long lists. */
export function outlineOf(result: LoadResult): LoadOutline {
  const warnings = told(result.warnings)
  if (result.kind === 'refused') return { ...result, issues: told(result.issues), warnings }
  const { templates, webhooks, bindings, templateTexts, webhookTexts, bindingTexts, ...config } = result.config
  return { ...result, config, warnings }
}

/** The long lists, in pieces. */
export function* piecesOf({ templates, webhooks, bindings, ...texts }: LongLists): Iterable<Piece> {
  const none = { kind: 'items', templates: [], webhooks: [], bindings: [] } as const
  for (const part of partsOf(templates, ITEMS)) yield { ...none, templates: part }
  for (const part of partsOf(webhooks, ITEMS)) yield { ...none, webhooks: part }
  for (const part of partsOf(bindings, ITEMS)) yield { ...none, bindings: part }
  for (const list of ['templateTexts', 'webhookTexts', 'bindingTexts'] as const) {
    // `JSON.stringify` puts no line end into a text.
    for (const part of partsOf(texts[list], TEXTS)) yield { kind: 'texts', list, lines: part.join('\n') }
  }
}

function* partsOf<Member>(list: readonly Member[], size: number): Iterable<readonly Member[]> {
  for (let from = 0; from < list.length; from += size) yield list.slice(from, from + size)
}

function told(issues: readonly ConfigIssue[]): readonly ConfigIssue[] {
  const [first] = issues
  if (first === undefined || issues.length <= TOLD) return issues
  const message = `and ${issues.length - TOLD} more: \`switchhook check\` tells all of them`
  return [...issues.slice(0, TOLD), { file: first.file, line: 1, column: 1, path: '', message }]
}
