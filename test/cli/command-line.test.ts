/**
 * How command lines are read, by the description of a made-up command: what is right gives values, what is wrong a message that
 * says what would be right.
 */
import { describe, expect, test } from 'vitest'
import { readCommandLine } from '../../src/cli/command-line.ts'
import { commands } from '../../src/cli/commands.ts'
import { helpOf } from '../../src/cli/help.ts'
import type { Options, Usage } from '../../src/cli/usage.ts'

const options = {
  json: { kind: 'flag', help: 'as JSON' },
  url: { kind: 'text', value: 'URL', help: 'where' },
  data: { kind: 'texts', value: 'NAME=VALUE', help: 'more' },
  state: { kind: 'choice', choices: ['pending', 'dead'], help: 'which' },
  port: { kind: 'number', value: 'PORT', least: 1, most: 65_535, help: 'the port\nto listen at' },
  'delay-of-answer': { kind: 'duration', value: 'DURATION', mostMs: 60_000, help: 'how long' },
} as const satisfies Options

const usage = {
  name: 'play',
  forms: ['play FILE [HOW]\n[--json]', 'play --help'],
  about: 'Plays.',
  words: [{ name: 'FILE' }, { name: 'HOW', isOptional: true, choices: ['loud', 'quiet'] }],
  options,
  notes: '',
  example: 'play file',
} as const satisfies Usage<typeof options>

const NOTHING = {
  json: false,
  url: undefined,
  data: [],
  state: undefined,
  port: undefined,
  'delay-of-answer': undefined,
}

describe('a command line', () => {
  const right: readonly [title: string, args: readonly string[], words: readonly string[], given: object][] = [
    ['of words alone', ['a', 'loud'], ['a', 'loud'], {}],
    ['with options before and behind words', ['--json', 'a', '--url', 'x'], ['a'], { json: true, url: 'x' }],
    ['with an equals sign', ['a', '--url=--x=y'], ['a'], { url: '--x=y' }],
    ['with an empty value', ['a', '--url', ''], ['a'], { url: '' }],
    ['with a value that begins with a minus', ['a', '--url', '-1'], ['a'], { url: '-1' }],
    ['with an option several times', ['a', '--data', 'b=1', '--data', 'c=2'], ['a'], { data: ['b=1', 'c=2'] }],
    ['with one of few values', ['a', '--state', 'dead'], ['a'], { state: 'dead' }],
    ['with the least number', ['a', '--port', '1'], ['a'], { port: 1 }],
    ['with the most', ['a', '--port', '65535'], ['a'], { port: 65_535 }],
    ['with the longest duration', ['a', '--delay-of-answer', '1m'], ['a'], { 'delay-of-answer': 60_000 }],
    ['with the standard input', ['-'], ['-'], {}],
    ['with words that look like options', ['--', '--json'], ['--json'], {}],
  ]
  test.each(right)('%s is read', (_title, args, words, given) => {
    expect(readCommandLine(usage, args)).toEqual({ words, options: { ...NOTHING, ...given } })
  })

  const wrong: readonly [args: readonly string[], message: string][] = [
    [[], 'FILE is missing'],
    [['a', 'loud', 'b'], '"b" is one word too many'],
    [['a', 'lout'], 'HOW "lout" is not known: did you mean loud?'],
    [['a', 'fast'], 'HOW "fast" is not known: one of loud, quiet is expected'],
    [['a', '--jsn'], 'unknown option --jsn: did you mean --json?'],
    [['a', '--hlep'], 'unknown option --hlep: did you mean --help?'],
    [['a', '--fast'], 'unknown option --fast'],
    [['a', '--constructor'], 'unknown option --constructor'],
    [['a', '-j'], 'unknown option -j'],
    [['a', '--json=yes'], '--json takes no value'],
    [['a', '--json', '--json'], '--json is given twice'],
    [['a', '--url', 'x', '--url', 'y'], '--url is given twice'],
    [['a', '--url'], '--url needs a value'],
    [['a', '--url', '--json'], '--url needs a value'],
    [['a', '--state', 'deed'], '--state "deed" is not known: did you mean dead?'],
    [['a', '--state', ''], '--state "" is not known: one of pending, dead is expected'],
    [['a', '--port', '0'], '--port "0" is not a whole number from 1 to 65535'],
    [['a', '--port', '65536'], '--port "65536" is not a whole number from 1 to 65535'],
    [['a', '--port', '1e3'], '--port "1e3" is not a whole number from 1 to 65535'],
    [['a', '--delay-of-answer', '60001ms'], '--delay-of-answer 60001ms is more than 1m'],
  ]
  test.each(wrong)('%j is refused', (args, message) => {
    expect(() => readCommandLine(usage, args)).toThrow(`${message}; \`switchhook play --help\` tells more`)
  })

  test('says what a duration looks like', () => {
    expect(() => readCommandLine(usage, ['a', '--delay-of-answer', '5'])).toThrow(
      '--delay-of-answer 5 has no unit: a whole number and one of ms, s, m, h, d is expected',
    )
  })
})

describe('help', () => {
  test('tells forms, options and an example', () => {
    expect(helpOf(usage)).toBe(`Usage: switchhook play FILE [HOW]
                       [--json]
       switchhook play --help

Plays.

  --json              as JSON
  --url URL           where
  --data NAME=VALUE   more
  --state pending|dead
                      which
  --port PORT         the port
                      to listen at
  --delay-of-answer DURATION
                      how long

Example: switchhook play file`)
  })

  test.each(commands.map(({ name, load }) => ({ name, load })))(
    'the example of $name is right by its own description',
    async ({ name, load }) => {
      const { usage: own } = await load()
      const [word, ...args] = [...own.example.matchAll(/'([^']*)'|(\S+)/g)].map(
        ([, quoted, plain]) => quoted ?? plain ?? '',
      )
      expect(word).toBe(name)
      expect(() => readCommandLine(own, args)).not.toThrow()
      for (const line of helpOf(own).split('\n')) expect(line.length).toBeLessThanOrEqual(125)
    },
  )
})
