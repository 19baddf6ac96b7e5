/**
 * Example events of the catalogue, as `trigger` plays them and `render --example` shows them: the words that the command line
 * takes, and the event that they stand for.
 */
import { CATALOG, exampleData } from '../catalog/catalog.ts'
import { SwitchhookError } from '../errors.ts'
import type { DataPoints } from '../model/data.ts'

/** Kinds of events that are sent to whatever they trigger. */
export const SENT_KINDS = ['call.begin', 'call.end', 'transcription.completed'] as const

/** The kind that is a question to one webhook. */
export const ASKED_KIND = 'call.ivr'

/** All kinds. */
export const KINDS: readonly string[] = [...SENT_KINDS, ASKED_KIND]

/** An id that is no platform's gets the data points of all. */
export const PLATFORMS: readonly string[] = [...CATALOG.map(({ id }) => id), 'custom']

/** The option `--data`, which changes an example. */
export const DATA_OPTION = {
  kind: 'texts',
  value: 'NAME=VALUE',
  help: 'a data point instead of, or beside, the example; can be repeated',
} as const

/** Data points of an example, and over them those that were given as `NAME=VALUE`. */
export function exampleWith(platform: string, kind: string, given: readonly string[]): DataPoints {
  return { ...exampleData(platform, kind), ...dataOf(given) }
}

function dataOf(given: readonly string[]): DataPoints {
  return Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf('=')
      if (at < 1) throw new SwitchhookError('usage', `--data ${JSON.stringify(text)} is not NAME=VALUE`)
      return [text.slice(0, at), text.slice(at + 1)]
    }),
  )
}
