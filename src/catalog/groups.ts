/**
 * Ordered lists of names that requests are made of, taken from the catalogue so that each stands in one place only.
 * Order and spelling are those of the platform's document. Used by `profiles/`.
 */
import { SwitchhookError } from '../errors.ts'
import type { CatalogPlatform } from './description.ts'
import { DIALOGTECH_IVR } from './platforms/dialogtech-ivr.ts'
import { DIALOGTECH_POST_CALL } from './platforms/dialogtech-post-call.ts'
import { DIALOGTECH_TRANSCRIPTION } from './platforms/dialogtech-transcription.ts'
import { WIX_ANSWERS_IVR } from './platforms/wix-answers-ivr.ts'

/** The 12 `ivr_*` parameters that every IVR webhook is sent. */
export const IVR_PARAMETERS: readonly string[] = namesOf(DIALOGTECH_IVR, 'ivr')

/** The 22 SourceTrak parameters of an IVR webhook, with `st_referrer`. */
export const IVR_SOURCETRAK: readonly string[] = namesOf(DIALOGTECH_IVR, 'sourcetrak')

/** The 22 SourceTrak parameters of a post-call action, with `st_referer`. */
export const POST_CALL_SOURCETRAK: readonly string[] = namesOf(DIALOGTECH_POST_CALL, 'sourcetrak')

/** The 24 LeadFlow parameters of a post-call action. */
export const LEADFLOW: readonly string[] = namesOf(DIALOGTECH_POST_CALL, 'leadflow')

/** The 2 parameters that a CAKE integration adds to LeadFlow's. */
export const CAKE: readonly string[] = namesOf(DIALOGTECH_POST_CALL, 'cake')

/** The 6 parameters of a transcription postback. */
export const TRANSCRIPTION: readonly string[] = namesOf(DIALOGTECH_TRANSCRIPTION, 'transcription')

/** The 4 members of a Wix Answers payload. */
export const WIX_MEMBERS: readonly string[] = namesOf(WIX_ANSWERS_IVR, 'payload')

/** Names of one category; an unknown category is a mistake in this file and shows at the first import. */
function namesOf(platform: CatalogPlatform, categoryName: string): readonly string[] {
  const category = platform.categories.find(({ name }) => name === categoryName)
  if (category === undefined) {
    throw new SwitchhookError('internal', `${platform.id} has no category ${categoryName}`)
  }
  return category.dataPoints.map(({ name }) => name)
}
