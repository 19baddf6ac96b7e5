/**
 * What the ingress asks of the engine about calls: the story of one, and to be told what happens while it does. Part of
 * `EnginePort`; all calls come from the main thread.
 */

import type { ShownRequest, StoryRequest } from '../../engine/calls/call-story.ts'
import type { CallStory } from '../../engine/calls/calls.ts'
import type { LiveFilter, Watcher } from '../../engine/calls/live.ts'
import type { RecentCall, RecentCallsRequest } from '../../engine/calls/recent-calls.ts'

/** See the head of this file. */
export interface CallsPort {
  /** A page of what is known of a call; undefined where nothing is. */
  story(request: StoryRequest): Promise<CallStory | undefined>
  /** The calls of which something happened last, the latest first. */
  recent(request: RecentCallsRequest): Promise<readonly RecentCall[]>
  /**
   * What a webhook, as it is now, would be sent for a delivery's event, with placeholders for secrets; undefined where
   * there is no such delivery, or no longer, or no such webhook.
   */
  requestFor(deliveryId: string, webhookId: string): Promise<ShownRequest | undefined>
  /**
   * Watches from now on; `onReady` is called when something waits where nothing did. Undefined where there are as many
   * watchers as there may be. Whoever watches has to end it with `close`.
   */
  watch(filter: LiveFilter, onReady: () => void): Pick<Watcher, 'take' | 'close'> | undefined
}
