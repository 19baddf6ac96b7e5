/**
 * Rendering: JSON and XML bodies of 25 tokens, and a URL of 34 parameters, ours beside hand-written code and the libraries
 * that services use.
 */
import { XMLBuilder } from 'fast-xml-parser'
import { CATALOG_NAMES } from '../../src/catalog/catalog.ts'
import { compileRequest } from '../../src/compile/compile-request.ts'
import { type DataPoints, NO_DATA } from '../../src/model/data.ts'
import type { RequestSpec } from '../../src/model/request-spec.ts'
import { JSON_FORMAT } from '../deliveries/engine-config.ts'
import { BODY_POINTS, bodyOf, type CallData, callData, URL_POINTS } from '../traffic/call-data.ts'
import { concatenatedBody, etaBody, handlebarsBody, mustacheBody, stringifiedBody } from './template-engines.ts'
import type { Comparison } from './timing.ts'

/** Names of candidates that ratios are made of. */
export const OURS = 'Switchhook'
export const BY_HAND = 'hand-written'
export const HANDLEBARS = 'handlebars'
export const XML_BUILDER = "fast-xml-parser's builder"

/** As many calls as one timed step makes. */
const CALLS: readonly CallData[] = Array.from({ length: 200 }, (_, number) => callData(number))

const ORIGIN = 'http://crm.example.com'

/** 25 tokens in JSON. */
export function jsonComparison(): Comparison<CallData> {
  return {
    title: 'Render JSON, 25 tokens',
    inputs: CALLS,
    control: BY_HAND,
    candidates: [
      { name: BY_HAND, run: concatenatedBody },
      { name: 'hand-written loop', run: bodyOf },
      { name: 'JSON.stringify of an object', run: stringifiedBody },
      { name: OURS, run: ourBody('json', JSON_FORMAT) },
      { name: 'eta', run: etaBody() },
      { name: HANDLEBARS, run: handlebarsBody() },
      { name: 'mustache', run: mustacheBody() },
    ],
  }
}

/** 25 tokens in XML. */
export function xmlComparison(): Comparison<CallData> {
  const builder = new XMLBuilder({ ignoreAttributes: true })
  const elements = BODY_POINTS.map((name) => `<${name}>%${name}%</${name}>`)
  return {
    title: 'Render XML, 25 tokens',
    // Writers of XML differ in which quotes they escape, all of them rightly; so there are none.
    inputs: CALLS.map((data) => ({ ...data, lookup_last_name: 'Brien', click_description: 'Spring <Sale> ad' })),
    control: XML_BUILDER,
    candidates: [
      { name: XML_BUILDER, run: (data) => builder.build({ call: pointsOf(data, BODY_POINTS) }) },
      { name: OURS, run: ourBody('xml', `<call>${elements.join('')}</call>`) },
    ],
  }
}

/** 34 parameters in a URL. */
export function urlComparison(): Comparison<CallData> {
  const render = renderer({
    method: 'GET',
    url: { text: `${ORIGIN}/leads`, syntax: 'none' },
    query: [{ params: URL_POINTS.map((name) => ({ name, value: { kind: 'point', path: name } })) }],
    body: { kind: 'none' },
    headers: [],
  })
  return {
    title: 'Render a GET, 34 parameters',
    // `encodeURIComponent` leaves a few characters as they are that may stand escaped as well; so there are none.
    inputs: CALLS.map((data) => ({ ...data, lookup_last_name: 'Brien' })),
    control: BY_HAND,
    candidates: [
      { name: BY_HAND, run: pathByHand },
      { name: OURS, run: (data) => render(data).path },
    ],
  }
}

function pathByHand(data: CallData): string {
  let path = '/leads'
  let separator = '?'
  for (const name of URL_POINTS) {
    path += `${separator}${name}=${encodeURIComponent(data[name])}`
    separator = '&'
  }
  return path
}

function ourBody(type: 'json' | 'xml', format: string): (data: CallData) => string | null {
  const render = renderer({
    method: 'POST',
    url: { text: `${ORIGIN}/leads`, syntax: 'none' },
    query: [],
    body: { kind: 'template', type, format: { text: format, syntax: 'percent' }, fields: {} },
    headers: [],
  })
  return (data) => render(data).body
}

function renderer(spec: RequestSpec): (data: DataPoints) => { readonly path: string; readonly body: string | null } {
  const compiled = compileRequest(spec, new Set(CATALOG_NAMES))
  if (compiled.kind === 'refused') throw new Error(JSON.stringify(compiled.issues))
  return (data) => {
    const rendered = compiled.render({ data, context: NO_DATA })
    if (rendered.kind === 'invalid') throw new Error(rendered.detail)
    return rendered
  }
}

function pointsOf(data: CallData, names: readonly (keyof CallData)[]): Record<string, string> {
  const points: Record<string, string> = {}
  for (const name of names) points[name] = data[name]
  return points
}
