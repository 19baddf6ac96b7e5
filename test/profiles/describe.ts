/**
 * What the tests of all profiles share: reading a configuration without a file around it, and rendering what came of it.
 */
import { z } from 'zod'
import { CATALOG_NAMES } from '../../src/catalog/catalog.ts'
import { compileRequest } from '../../src/compile/compile-request.ts'
import { type DataPoints, NO_DATA } from '../../src/model/data.ts'
import type { RenderedRequest } from '../../src/model/request-spec.ts'
import type { Description, TemplateLookup } from '../../src/profiles/profile.ts'
import { findProfile } from '../../src/profiles/profiles.ts'

/** A secret stands for itself here: `{ env: 'abc' }` is the secret `abc`. */
const SECRET = z.strictObject({ env: z.string() }).transform(({ env }) => env)

const TEMPLATES: ReadonlyMap<string, TemplateLookup> = new Map([
  [
    'lead',
    {
      kind: 'found',
      template: {
        type: 'json',
        format: '{"first": "", "last": "", "phone": "", "source": "%campaign_name%"}',
        fields: { first: 'ani_first_name', last: 'ani_last_name', phone: 'ani' },
      },
    },
  ],
  ['call', { kind: 'found', template: { type: 'xml', format: '<call id="%callid%"/>', fields: {} } }],
  ['variables', { kind: 'found', template: { type: 'json', format: `{"pin": "\${pin}"}`, fields: {} } }],
])

function findTemplate(id: string): TemplateLookup {
  return TEMPLATES.get(id) ?? { kind: 'refused', message: `there is no template ${id}` }
}

/** The description of a configuration that has no mistakes. */
export function describeWebhook(profile: string, settings: object): Description {
  const described = read(profile, settings)
  if (described.kind === 'refused') throw new Error(`refused: ${JSON.stringify(described.mistakes)}`)
  return described.description
}

/** The mistakes of a configuration as `key: message`, none where it is right. */
export function mistakesIn(profile: string, settings: object): readonly string[] {
  const described = read(profile, settings)
  if (described.kind === 'described') return []
  return described.mistakes.map(({ path, message }) => `${path.join('.')}: ${message}`)
}

function read(profile: string, settings: object): ReturnType<ReturnType<typeof reader>['read']> {
  return reader(profile).read(settings, findTemplate)
}

function reader(profile: string) {
  const found = findProfile(profile)
  if (found === undefined) throw new Error(`no profile ${profile}`)
  return found.reader(SECRET)
}

/** The request that a configuration sends for a call with these data points. */
export function render(profile: string, settings: object, data: DataPoints): RenderedRequest {
  const compiled = compileRequest(describeWebhook(profile, settings).request, CATALOG_NAMES)
  if (compiled.kind === 'refused') throw new Error(`does not compile: ${JSON.stringify(compiled.issues)}`)
  const request = compiled.render({ data, context: NO_DATA })
  if (request.kind === 'invalid') throw new Error(`can't be sent: ${request.detail}`)
  return request
}
