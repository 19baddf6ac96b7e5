/**
 * What crosses the border between the main thread and the one that loads a configuration: first all but the long lists,
 * then these piece by piece, each when it is asked for, so that taking them over holds the main thread for no longer than
 * one piece takes.
 */
import type { EngineConfig } from './engine-config.ts'
import type { LoadResult } from './load.ts'
import type { Environment } from './secrets.ts'

/** What the thread is started with. */
export interface LoadRequest {
  readonly path: string
  readonly environment: Environment
}

/** Lists of a configuration that grow with its customers. */
export const LONG_LISTS = [
  'templates',
  'webhooks',
  'bindings',
  'templateTexts',
  'webhookTexts',
  'bindingTexts',
] as const

/** One of {@link LONG_LISTS}. */
export type LongList = (typeof LONG_LISTS)[number]

/** A result without its long lists. */
export type LoadedHead = Exclude<LoadResult, { readonly kind: 'loaded' }> | LoadedOutline

/** A configuration whose long lists follow. */
export type LoadedOutline = Omit<Extract<LoadResult, { readonly kind: 'loaded' }>, 'config'> & {
  readonly config: Omit<EngineConfig, LongList>
}

/** What the thread posts: first a head, then a piece for each empty message that it gets. */
export type LoadMessage =
  | { readonly kind: 'head'; readonly head: LoadedHead }
  | { readonly kind: 'piece'; readonly lists: Partial<Pick<EngineConfig, LongList>>; readonly isLast: boolean }
