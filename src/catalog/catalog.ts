/**
 * The catalogue: every data point that a platform's document names, and what the engine itself reads.
 * One file a platform in `platforms/`; this one joins them. Names are verbatim, order is the documents'.
 * Used to check templates (`config/`), to answer `GET /v1/catalog` (`ingress/`) and to try a template without a call.
 */
import { type DataPoints, type DataValue, NO_DATA, ownValue } from '../model/data.ts'
import type { CatalogPlatform, DataPointDescription } from './description.ts'
import { AUTOID } from './platforms/autoid.ts'
import { DIALOGTECH_IVR } from './platforms/dialogtech-ivr.ts'
import { DIALOGTECH_POST_CALL } from './platforms/dialogtech-post-call.ts'
import { DIALOGTECH_TRANSCRIPTION } from './platforms/dialogtech-transcription.ts'
import { SWITCHHOOK } from './platforms/switchhook.ts'
import { VCC_LIVE_IVR } from './platforms/vcc-live-ivr.ts'
import { WIX_ANSWERS_IVR } from './platforms/wix-answers-ivr.ts'

export type { CatalogPlatform, DataPointDescription } from './description.ts'

/** All documented data points by platform and category. */
export const CATALOG: readonly CatalogPlatform[] = [
  AUTOID,
  DIALOGTECH_POST_CALL,
  DIALOGTECH_IVR,
  DIALOGTECH_TRANSCRIPTION,
  VCC_LIVE_IVR,
  WIX_ANSWERS_IVR,
  SWITCHHOOK,
]

/** Id of the platform that holds the carrier's own data points. */
const OWN_PLATFORM_ID = 'own'

/** The catalogue with the carrier's own data points as a last platform, `own`; without any it is {@link CATALOG} itself. */
export function catalogWith(own: readonly DataPointDescription[]): readonly CatalogPlatform[] {
  if (own.length === 0) return CATALOG
  const platform = {
    id: OWN_PLATFORM_ID,
    title: 'Your own data points',
    categories: [{ name: OWN_PLATFORM_ID, dataPoints: own }],
  }
  return [...CATALOG, platform]
}

/** Every data point's name in {@link CATALOG}, each in every spelling that a document has (`st_referrer`, `st_referer`). */
export const CATALOG_NAMES: ReadonlySet<string> = new Set(
  CATALOG.flatMap(({ categories }) => categories.flatMap(({ dataPoints }) => dataPoints.map(({ name }) => name))),
)

/**
 * Whether `path` begins with a known data point: `responses.1` does where `responses` is known. What follows the first dot
 * is the call's own and can't be known beforehand. A known name that has dots itself counts as it is.
 */
export function isPointName(path: string, known: ReadonlySet<string>): boolean {
  if (known.has(path)) return true
  const dot = path.indexOf('.')
  return dot > 0 && known.has(path.slice(0, dot))
}

/**
 * Values for example events where a document's example lists the possible values instead of being one, has evidently slipped
 * a row (`ani_type`), or is missing.
 */
const EXAMPLE_VALUES: DataPoints = {
  ani_line_type: 'Mobile',
  ani_carrier: 'Verizon Wireless',
  ani_type: 'Single Family',
  utm_source: 'newsletter.example.com',
  utm_medium: 'newsletter',
}

/**
 * Data of an example event, the same at every call: the examples of the platform's data points, then the engine's and the
 * carrier's own, which every webhook may use. An id that is no platform's (the profile `custom`) gets the data points of all.
 * A `call.begin` has nothing of a category `call_end`.
 */
export function exampleData(
  platformId: string,
  eventType: string,
  catalog: readonly CatalogPlatform[] = CATALOG,
): DataPoints {
  const platform = catalog.find(({ id }) => id === platformId)
  const shared = catalog.filter(({ id }) => id === SWITCHHOOK.id || id === OWN_PLATFORM_ID)
  const platforms = platform === undefined ? catalog : [platform, ...shared]
  const values = new Map<string, DataValue>()
  for (const { categories } of platforms) {
    for (const category of categories) {
      if (eventType === 'call.begin' && category.name === 'call_end') continue
      for (const point of category.dataPoints) {
        const value = ownValue(EXAMPLE_VALUES, point.name) ?? point.example
        if (value !== undefined && !values.has(point.name)) values.set(point.name, value)
      }
    }
  }
  return values.size === 0 ? NO_DATA : Object.fromEntries(values)
}
