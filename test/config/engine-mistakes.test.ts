import { describe, expect, test } from 'vitest'
import { load, mistakesIn } from './check.ts'
import { WRONG_SECTIONS, WRONG_TEXTS } from './wrong-sections.ts'

describe('the text itself', () => {
  test.each(WRONG_TEXTS)('%j is refused', (text, issue) => {
    expect(mistakesIn(text)).toEqual([issue])
  })

  test('is refused when aliases unfold into more values than any configuration has', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
    for (let i = 1; i < 8; i++)
      lines.push(`a${i}: &a${i} [${Array.from({ length: 10 }, () => `*a${i - 1}`).join(', ')}]`)
    expect(
      mistakesIn(lines.join('\n')).some((issue) => issue.endsWith('unfolds without end: write the value itself')),
    ).toBe(true)
  })

  test('tells duplicate keys together with all other mistakes, in the order of reading', () => {
    expect(mistakesIn('workers: many\nlisten: { port: 1, port: x }\nstor: {}')).toEqual([
      'f:1:10 workers: auto or a whole number from 0 to 256 is expected, not "many"',
      'f:2:20 this key is there already: keep one of them',
      'f:2:26 listen.port: a whole number from 0 to 65535 is expected, not "x"',
      'f:3:1 stor: unknown key; did you mean store?',
    ])
  })

  test.each(['', '# nothing', '{}', 'webhooks:\nbindings:', '{\n\t"listen": {\n\t\t"port": 8080\n\t}\n}'])(
    '%j is complete by its defaults',
    (text) => {
      expect(load(text).listen.port).toBe(8080)
    },
  )
})

describe('the sections of the engine', () => {
  test.each(WRONG_SECTIONS)('%s is refused', (text, issue) => {
    expect(mistakesIn(text)).toEqual([issue])
  })

  test.each([
    'listen: { port: 0, keepAlive: 1s }',
    'listen: { port: 65535, keepAlive: 1h }',
    'workers: 0',
    'workers: 256',
    'network: { connections: { send: 1, invoke: 65535 } }',
    'network: { allow: [10.0.0.0/32, "fd00::/8", 192.0.2.1, "::1"] }',
    'auth: { tokens: [ { name: a, secret: { env: TOKEN }, may: [send] } ] }',
  ])('%s is right', (text) => {
    expect(mistakesIn(text)).toEqual([])
  })

  test('take an address alone for a range of one', () => {
    expect(load('network: { allow: [192.0.2.1, "::1"] }').network.allow).toEqual(['192.0.2.1/32', '::1/128'])
  })

  test('never show a secret in a message', () => {
    const text = 'auth: { tokens: [ { name: a, secret: hunter2, may: [send] } ] }'
    expect(mistakesIn(text).join()).not.toContain('hunter2')
  })
})
