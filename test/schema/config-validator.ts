/**
 * The published JSON Schema of the configuration as a function, and which mistakes it can not see.
 */
import { Ajv2020 } from 'ajv/dist/2020.js'
import { configSchema } from '../../src/config/json-schema.ts'
import { readSource } from '../../src/config/source.ts'
import { plainValue } from '../../src/profiles/settings.ts'
import type { Schema } from './schema-values.ts'

/** As `npm run schema` writes it. */
export const CONFIG_SCHEMA: Schema = { ...configSchema() }

const validate = new Ajv2020({
  strict: true,
  strictRequired: false,
  allowUnionTypes: true,
  strictTypes: false,
}).compile(CONFIG_SCHEMA)

/** Whether a value is a configuration by the schema. */
export function isTaken(value: unknown): boolean {
  return validate(value)
}

/** What the schema says of a configuration's text; empty where it takes it. */
export function complaintsAbout(text: string): readonly string[] {
  return validate(editorValue(text))
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}

/** The text's value as editors see it. */
function editorValue(text: string): unknown {
  return plainValue(readSource(text).source?.value ?? null)
}

/** Whether the text can be read at all, so that a schema has something to look at. */
export function isReadable(text: string): boolean {
  const { source, mistakes } = readSource(text)
  return source !== undefined && mistakes.length === 0
}

/** Mistakes that depend on more than the shape of one value. */
const BEYOND_SHAPE: readonly RegExp[] = [
  // Bounds of quantities, which are texts.
  /is (less than the least|more than the most) allowed/,
  /a rate from 1\/h to .* is expected/,
  / is too large$/,
  // Other places of the file.
  /is there already/,
  /there is no (template|webhook) /,
  /is for accounts of group/,
  /(is a webhook of|belongs to account|is not sent on) /,
  /has the same secret as/,
  /engine: memory keeps nothing on disk/,
  /the budget of both servers is over/,
  /is too long to make an id/,
  /(goes with|either body or template|needs leadflow|is sent without a body|is sent by POST|sends only params)/,
  /is missing: option: google-analytics/,
  /has no (key|cert) beside it/,
  /http: has no TLS/,
  // The environment and other files.
  /the environment has no variable|the variable \w* ?is empty|can't be read:|is empty: a secret/,
  /whsec_ is followed by base64/,
  /no (certificate|private key) in PEM|holds no (colon|URL of a proxy)|keep one of them|only an https: proxy/,
  // What stands inside of a text.
  /a range such as 10\.0\.0\.0\/8/,
  /http:\/\/ or https:\/\/, a host and a port/,
  /is set by the engine and can't be configured/,
  /header value is one line/,
  /is a system variable/,
  /is no name of an event/,
  /a host name such as/,
  /unknown token|is not filled in here|can't be filled here|tokens may stand|not an absolute URL|a URL begins with/,
  // Whatever else is said of the text of a template or a request, other than what it should be instead.
  /^f:\d+:\d+ (templates\.\d+\.(format|fields)|webhooks\.\d+\.(url|fallback\.url|body|params|headers))\b(?!.*(is expected|unknown key))/,
]

/** Whether only code can see a mistake, told by its message. */
export function isBeyondShape(issue: string): boolean {
  return BEYOND_SHAPE.some((pattern) => pattern.test(issue))
}
