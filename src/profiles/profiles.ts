/**
 * The table of profiles. Adding a platform is adding a file in this folder and a line here; nothing else knows them by name.
 * Used by `config/` to read webhooks and bindings, by the engine's router for the trigger rules, and to list what there is.
 */
import { AUTOID } from './autoid.ts'
import { CUSTOM } from './custom.ts'
import { DIALOGTECH_IVR } from './dialogtech-ivr.ts'
import { DIALOGTECH_POST_CALL } from './dialogtech-post-call.ts'
import { DIALOGTECH_TRANSCRIPTION } from './dialogtech-transcription.ts'
import type { Profile, TriggerRule } from './profile.ts'
import { VCC_LIVE_IVR } from './vcc-live-ivr.ts'
import { WIX_ANSWERS_IVR } from './wix-answers-ivr.ts'

/** All profiles, in the order in which they are listed for people. */
export const PROFILES: readonly Profile[] = [
  DIALOGTECH_IVR,
  DIALOGTECH_TRANSCRIPTION,
  DIALOGTECH_POST_CALL,
  AUTOID,
  VCC_LIVE_IVR,
  WIX_ANSWERS_IVR,
  CUSTOM,
]

/** The profile of that id; `undefined` where there is none. */
export function findProfile(id: string): Profile | undefined {
  return PROFILES.find((profile) => profile.id === id)
}

/** Trigger rules by profile id, as the router needs them. */
export const TRIGGER_RULES: ReadonlyMap<string, readonly TriggerRule[]> = new Map(
  PROFILES.map(({ id, triggers }) => [id, triggers]),
)
