/**
 * What the ingress asks of the engine about calls: the story of one, and to be told what happens while it does. Part of
 * `EnginePort`; all calls come from the main thread.
 */

import type { StoryRequest } from '../engine/call-story.ts'
import type { CallStory } from '../engine/calls.ts'
import type { LiveFilter, Watcher } from '../engine/live.ts'

/** See the head of this file. */
export interface CallsPort {
  /** A page of what is known of a call; undefined where nothing is. */
  story(request: StoryRequest): Promise<CallStory | undefined>
  /**
   * Watches from now on; `onReady` is called when something waits where nothing did. Undefined where there are as many
   * watchers as there may be. Whoever watches has to end it with `close`.
   */
  watch(filter: LiveFilter, onReady: () => void): Pick<Watcher, 'take' | 'close'> | undefined
}
