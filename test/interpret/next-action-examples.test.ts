/** The examples of dialogtech-ivr-webhook, "Responding to DialogTech's WebHook", byte by byte, and what each means. */
import { describe, expect, test } from 'vitest'
import { interpretAnswer } from '../../src/interpret/interpret-answer.ts'
import type { Decision } from '../../src/model/decision.ts'
import { answerOf } from './answers.ts'

function decide(xml: string): Decision {
  return interpretAnswer({ kind: 'next-action' }, answerOf(xml, 'text/xml'), [200])
}

describe('the examples of the document', () => {
  test('an IVR with user parameters and pass-through data that is plain text', () => {
    const decision = decide(`<action>
    <app>ivr</app>
    <parameters>
        <id>12345</id>
        <user_parameters>
            <param1>alpha</param1>
            <param2>bravo</param2>
        </user_parameters>
        <p_t>my pass through data</p_t>
    </parameters>
</action>
`)
    expect(decision).toEqual({
      kind: 'next-action',
      app: 'ivr',
      parameters: { id: '12345' },
      userParameters: { param1: 'alpha', param2: 'bravo' },
      passThrough: 'my pass through data',
    })
  })

  test('a dynamic FindMe that calls a single number, has a whisper message and records the call', () => {
    const decision = decide(`<action>
    <app>findme</app>
    <parameters>
        <phone_list>2223334444</phone_list>
        <screen_method>1</screen_method>
        <whisper_phrase>Call from Radio Ad</whisper_phrase>
        <record>1</record>
    </parameters>
</action>
`)
    expect(decision).toEqual({
      kind: 'next-action',
      app: 'findme',
      parameters: {
        phone_list: ['2223334444'],
        record: 1,
        screen_method: 1,
        whisper_phrase: 'Call from Radio Ad',
        timeout: 30,
        nextaction: 1,
      },
    })
  })

  test('a dynamic FindMe that calls two numbers simultaneously, has a whisper audio message and records the call', () => {
    const decision = decide(`<action>
    <app>findme</app>
    <parameters>
        <phone_list>2223334444|5556667777</phone_list>
        <simultaneous>2</simultaneous>
        <screen_method>2</screen_method>
        <whisper_audio>customwhisper.wav</whisper_audio>
        <record>1</record>
    </parameters>
</action>
`)
    expect(decision).toEqual({
      kind: 'next-action',
      app: 'findme',
      parameters: {
        phone_list: ['2223334444', '5556667777'],
        simultaneous: 2,
        record: 1,
        screen_method: 2,
        whisper_audio: 'customwhisper.wav',
        timeout: 30,
        nextaction: 1,
      },
    })
  })

  test('an IVR with user parameters', () => {
    const decision = decide(`<action>
    <app>ivr</app>
    <parameters>
        <id>12345</id>
        <user_parameters>
            <param1>alpha</param1>
            <param2>bravo</param2>
        </user_parameters>
    </parameters>
</action>
`)
    expect(decision).toEqual({
      kind: 'next-action',
      app: 'ivr',
      parameters: { id: '12345' },
      userParameters: { param1: 'alpha', param2: 'bravo' },
    })
  })

  test('an IVR with pass-through data of keys and values', () => {
    const decision = decide(`<action>
    <app>ivr</app>
    <parameters>
        <id>12345</id>
        <user_parameters>
            <param1>alpha</param1>
            <param2>bravo</param2>
        </user_parameters>
        <p_t>user_id|90786||step|verify_user</p_t>
    </parameters>
</action>
`)
    expect(decision).toEqual({
      kind: 'next-action',
      app: 'ivr',
      parameters: { id: '12345' },
      userParameters: { param1: 'alpha', param2: 'bravo' },
      passThrough: 'user_id|90786||step|verify_user',
      passThroughValues: { user_id: '90786', step: 'verify_user' },
    })
  })

  test('the phone list of the table, whose end tag lacks its slash, is not well-formed', () => {
    const decision = decide(
      '<action><app>findme</app><parameters><phone_list>2223334444|5556667777<phone_list></parameters></action>',
    )
    expect(decision).toEqual({
      kind: 'backup',
      reason: 'invalid-response',
      detail: 'the body is not well-formed XML, line 1: </parameters> stands where </phone_list> was expected',
    })
  })
})

test('members come in the same order however the answer orders them, so that decisions can be compared as text', () => {
  const decision = decide(
    '<action><parameters><whisper_audio>customwhisper.wav</whisper_audio><screen_method>2</screen_method><simultaneous>2' +
      '</simultaneous><phone_list>2223334444|5556667777</phone_list></parameters><app>findme</app></action>',
  )
  expect(JSON.stringify(decision)).toBe(
    '{"kind":"next-action","app":"findme","parameters":{"phone_list":["2223334444","5556667777"],"simultaneous":2,' +
      '"screen_method":2,"whisper_audio":"customwhisper.wav","timeout":30,"nextaction":1}}',
  )
})
