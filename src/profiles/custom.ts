/**
 * Custom webhook: whatever no platform's document describes. Any parameters, or a body, or a template, with tokens in either
 * syntax, in the URL and in header values too; any of the answers; triggered by the event types that `on` names.
 */
import { type AnswerSpec, DEFAULT_SUCCESS_CODES } from '../model/answer.ts'
import type { BodySpec, ParamGroup, TemplateType } from '../model/request-spec.ts'
import { bodyField, bodyMistakes, setVariableField, templateBody } from './body.ts'
import { configuredMediaType, type HeaderSetting, requestHeaders } from './headers.ts'
import type { Mistake } from './mistake.ts'
import { ownGroup, placeGroups } from './params.ts'
import { defineProfile, described, type FindTemplate, type Profile } from './profile.ts'
import { listField, type RequestSettings, requestKeys, section, textField, wordField } from './settings.ts'

interface CustomSettings extends RequestSettings {
  readonly body?: string | undefined
  readonly template?: string | undefined
  readonly contentType?: TemplateType | undefined
  readonly tokens: 'percent' | 'dollar'
}

/** `profile: custom`; its own keys are `body`, `template`, `contentType`, `tokens`, `answer`, `setVariable` and `on`. */
export const CUSTOM: Profile = defineProfile({
  id: 'custom',
  title: 'Custom webhook',
  job: 'both',
  methods: ['POST', 'GET', 'PUT', 'PATCH', 'DELETE'],
  triggers: [],
  schema: (secret) =>
    section({
      ...requestKeys(secret, { methods: ['POST', 'GET', 'PUT', 'PATCH', 'DELETE'] }),
      body: bodyField().optional(),
      template: textField().optional(),
      contentType: wordField(['form', 'json', 'xml', 'text']).optional(),
      tokens: wordField(['percent', 'dollar']).default('percent'),
      answer: wordField(['message', 'next-action', 'variables', 'redirect', 'status']).default('status'),
      setVariable: setVariableField().optional(),
      on: listField(textField(), 'event types').default([]),
    }),
  describe: (settings, findTemplate) => {
    const { url, method, headers, tokens, answer: kind, setVariable, on, successCodes } = settings
    const { query, body, mistakes } = customBody(settings, findTemplate)
    if (setVariable !== undefined && kind !== 'variables') {
      mistakes.push({ path: ['setVariable'], message: 'goes with answer: variables only', at: 'key' })
    }
    const answer: AnswerSpec = kind === 'variables' && setVariable !== undefined ? { kind, setVariable } : { kind }
    return described(
      {
        request: {
          method,
          url: { text: url, syntax: tokens },
          query,
          body,
          headers: requestHeaders(headers, typeOf(body), tokens),
        },
        answer,
        success: successCodes ?? defaultSuccess(kind),
        trigger: { on: [...new Set(on)], unbound: true },
      },
      mistakes,
    )
  },
})

function customBody(
  settings: CustomSettings,
  findTemplate: FindTemplate,
): { query: readonly ParamGroup[]; body: BodySpec; mistakes: Mistake[] } {
  const { method, params, body: text, template, headers, tokens, contentType } = settings
  const mistakes = [...bodyMistakes(method, settings)]
  const own = ownGroup(params)
  if (contentType !== undefined && text === undefined) {
    mistakes.push({
      path: ['contentType'],
      message: 'goes with body only: it says what the text in body is',
      at: 'key',
    })
  }
  if (template !== undefined) {
    if (text !== undefined) {
      mistakes.push({ path: ['body'], message: 'either body or template is expected, not both', at: 'key' })
    }
    const filled = templateBody(findTemplate(template), tokens)
    return { query: own, body: filled.body, mistakes: [...mistakes, ...filled.mistakes] }
  }
  if (text !== undefined) {
    const type = contentType ?? bodyType(text, headers)
    return { query: own, body: { kind: 'template', type, format: { text, syntax: tokens }, fields: {} }, mistakes }
  }
  if (own.length === 0) return { query: [], body: { kind: 'none' }, mistakes }
  return { ...placeGroups(method, own), mistakes }
}

/** What a body's text is: as its content type says, else as it begins; how values are encoded in it depends on that. */
function bodyType(text: string, headers: readonly HeaderSetting[]): TemplateType {
  const mediaType = configuredMediaType(headers)
  if (mediaType.endsWith('json')) return 'json'
  if (mediaType.endsWith('xml')) return 'xml'
  if (mediaType === 'application/x-www-form-urlencoded') return 'form'
  if (mediaType !== '') return 'text'
  if (/^\s*[[{]/.test(text)) return 'json'
  return /^\s*</.test(text) ? 'xml' : 'form'
}

function typeOf(body: BodySpec): TemplateType | 'none' {
  switch (body.kind) {
    case 'none':
    case 'form':
      return body.kind
    case 'json-object':
      return 'json'
    case 'template':
      return body.type
  }
}

function defaultSuccess(kind: AnswerSpec['kind']): readonly number[] {
  if (kind === 'variables') return [200]
  return kind === 'redirect' ? [200, 204] : DEFAULT_SUCCESS_CODES
}
