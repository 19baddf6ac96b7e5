/** Any valid action, written by an XML builder, comes back as it was meant. */

import fc from 'fast-check'
import { XMLBuilder } from 'fast-xml-parser'
import { expect, test } from 'vitest'
import { interpretAnswer } from '../../src/interpret/interpret-answer.ts'
import type { Decision } from '../../src/model/decision.ts'
import { answerOf } from './answers.ts'

/** What XML can carry: everything but most control characters, lone surrogates and two noncharacters. */
const xmlText = fc
  .string({ unit: 'binary' })
  .map((text) => text.replace(/[^\t\n\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, ''))
const trimmedText = xmlText.map((text) => text.trim()).filter((text) => text !== '')
const id = fc.stringMatching(/^[0-9]{1,12}$/)
const name = fc.stringMatching(/^[a-z_][a-z0-9_]{0,12}$/)

function integer(min: number, max: number): fc.Arbitrary<number> {
  return fc.integer({ min, max })
}

const findme = fc.record(
  {
    phone_list: fc.array(fc.stringMatching(/^\+?[0-9]{3,15}$/), { minLength: 1, maxLength: 5 }),
    simultaneous: integer(1, 20),
    record: integer(0, 1),
    screen_method: integer(0, 2),
    whisper_phrase: trimmedText,
    whisper_audio: trimmedText,
    auto_accept: integer(0, 3),
    timeout: integer(20, 60),
    nextaction: integer(1, 7),
    nextactionitem: id,
  },
  { requiredKeys: ['phone_list', 'nextactionitem'] },
)

const call = fc.oneof(
  fc.record({ app: fc.constant('ivr'), parameters: fc.record({ id, question_id: id }, { requiredKeys: ['id'] }) }),
  fc.record({ app: fc.constant('findme'), parameters: findme }),
  fc.record({ app: fc.constantFrom('vr', 'voicemail'), parameters: fc.record({ id }) }),
  fc.record({ app: fc.constant('transfer'), parameters: fc.record({ destination: trimmedText }) }),
  fc.record({ app: fc.constant('hangup'), parameters: fc.constant({}) }),
)

const extras = fc.record(
  {
    userParameters: fc.dictionary(
      name,
      xmlText.map((text) => text.trim()),
      { minKeys: 1, maxKeys: 5, noNullPrototype: true },
    ),
    // A bar would make it pairs, which have tests of their own.
    passThrough: xmlText.map((text) => text.replaceAll('|', '')),
  },
  { requiredKeys: [] },
)

const builder = new XMLBuilder({ preserveOrder: true, processEntities: true, suppressEmptyNode: false })

test('a valid action that an XML builder wrote gives the decision that it was made of', () => {
  fc.assert(
    fc.property(call, extras, ({ app, parameters }, extra) => {
      const defaults = app === 'findme' ? { screen_method: 0, timeout: 30, nextaction: 1 } : {}
      const xml = writeAction(app, parameters, extra)
      const decision: Decision = interpretAnswer({ kind: 'next-action' }, answerOf(xml), [200])
      expect(decision).toEqual({ kind: 'next-action', app, parameters: { ...defaults, ...parameters }, ...extra })
    }),
    { numRuns: 1000 },
  )
})

type Node = Readonly<Record<string, unknown>>

function writeAction(
  app: string,
  parameters: object,
  extra: { readonly userParameters?: Readonly<Record<string, string>>; readonly passThrough?: string },
): string {
  const elements = Object.entries(parameters).map(([key, value]) =>
    element(key, Array.isArray(value) ? value.join('|') : String(value)),
  )
  if (extra.userParameters !== undefined) {
    const children = Object.entries(extra.userParameters).map(([key, value]) => element(key, value))
    elements.push({ user_parameters: children })
  }
  if (extra.passThrough !== undefined) elements.push(element('p_t', extra.passThrough))
  return builder.build([{ action: [element('app', app), { parameters: elements }] }])
}

function element(key: string, text: string): Node {
  return { [key]: [{ '#text': text }] }
}
