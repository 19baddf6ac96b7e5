/**
 * How the catalogue describes data points: the shape that `GET /v1/catalog` sends.
 * Every file in `platforms/` gives one {@link CatalogPlatform}; names and examples are those of the platform's document,
 * descriptions are our own.
 */
import type { DataValue } from '../model/data.ts'

/** One data point as it is shown to those who write templates. */
export interface DataPointDescription {
  /** The platform's own name, verbatim. */
  readonly name: string
  /** What it tells about the call, in one phrase without a final stop. */
  readonly description: string
  /** A value as an event may carry it; absent where the platform's document gives none for a data point among others that have one. */
  readonly example?: DataValue
}

/** Data points that belong together, in the order of the platform's document. */
export interface CatalogCategory {
  /** The document's word (`call_begin`, `dni`) where it has one. Unique within its platform. */
  readonly name: string
  readonly dataPoints: readonly DataPointDescription[]
}

/** All data points of one platform. */
export interface CatalogPlatform {
  /** The profile's id where the platform has a profile. Unique in the catalogue. */
  readonly id: string
  readonly title: string
  readonly categories: readonly CatalogCategory[]
}
