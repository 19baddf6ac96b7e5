/**
 * The way from the words on the command line to a command, and from whatever it does to an exit status.
 */
import { describe, expect, test } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import type { Command, RunCommand } from '../../src/cli/command.ts'
import { dispatch } from '../../src/cli/dispatch.ts'
import type { Options, Usage } from '../../src/cli/usage.ts'
import { SwitchhookError } from '../../src/errors.ts'

async function run(args: readonly string[], commands: readonly Command[] = []) {
  const out: string[] = []
  const err: string[] = []
  const terminal = { print: (text: string) => out.push(text), complain: (text: string) => err.push(text) }
  const status = await dispatch(args, commands, terminal)
  return { status, out: out.join('\n'), err: err.join('\n') }
}

function command(name: string, work: RunCommand): Command {
  const usage: Usage<Options> = { name, forms: [name], about: '', words: [], options: {}, notes: '', example: name }
  return { name, summary: `Does ${name}.`, load: () => Promise.resolve({ usage, run: work }) }
}

describe('without a command', () => {
  test('--version prints the version of the package', async () => {
    expect(await run(['--version'])).toEqual({ status: 0, out: manifest.version, err: '' })
  })

  test.each(['--help', '-h'])('%s lists the commands with what they do', async (option) => {
    const { status, out, err } = await run([option], [command('serve', async () => 0), command('go', async () => 0)])
    expect(status).toBe(0)
    expect(out).toMatch(/^Usage: switchhook COMMAND/)
    expect(out).toMatch(/\n {2}serve {2}Does serve\.\n {2}go {5}Does go\.$/)
    expect(err).toBe('')
  })

  test('nothing at all is a mistake that is answered with the help', async () => {
    const { status, out, err } = await run([])
    expect({ status, out }).toEqual({ status: 2, out: '' })
    expect(err).toMatch(/^Usage: switchhook COMMAND/)
  })

  test.each([
    ['serv', "unknown command 'serv': did you mean serve?"],
    ['--verson', "unknown option '--verson': did you mean --version?"],
    ['deliver', "unknown command 'deliver'"],
    ['-x', "unknown option '-x'"],
  ])('%s is a mistake that names the word', async (word, message) => {
    const { status, err } = await run([word], [command('serve', async () => 0)])
    expect(status).toBe(2)
    expect(err).toBe(`switchhook: ${message}; \`switchhook --help\` lists what there is`)
  })
})

describe('a command', () => {
  test('gets the words after its name, its own --help among them', async () => {
    const seen: (readonly string[])[] = []
    const serve = command('serve', async (args) => {
      seen.push(args)
      return 0
    })
    expect((await run(['serve', '--help', 'a b'], [serve])).status).toBe(0)
    expect(seen).toEqual([['--help', 'a b']])
  })

  test.each([0, 1, 2] as const)('decides about the exit status: %i', async (status) => {
    expect(await run(['go'], [command('go', async () => status)])).toEqual({ status, out: '', err: '' })
  })

  test('is not loaded for the sake of another', async () => {
    const broken: Command = { name: 'broken', summary: 'Breaks.', load: () => Promise.reject(new Error('loaded')) }
    expect((await run(['go'], [broken, command('go', async () => 0)])).status).toBe(0)
  })

  const failures: readonly [title: string, thrown: unknown, status: number, message: string | RegExp][] = [
    ['a wrong command line', new SwitchhookError('usage', 'no --port'), 2, 'switchhook go: no --port'],
    [
      'a wrong configuration',
      new SwitchhookError('config', '2 mistakes', { issues: ['a.yaml:1:2 one', 'a.yaml:3:4 two'] }),
      2,
      'switchhook go: 2 mistakes\n  a.yaml:1:2 one\n  a.yaml:3:4 two',
    ],
    ['a store that is away', new SwitchhookError('unavailable', 'no room'), 1, 'switchhook go: no room'],
    ['our own mistake', new SwitchhookError('internal', 'odd'), 1, /^switchhook go: internal error: .*odd\n {4}at /],
    ['anything else', new TypeError('odd'), 1, /^switchhook go: internal error: TypeError: odd\n {4}at /],
    ['a thrown text', 'odd', 1, 'switchhook go: internal error: odd'],
  ]
  test.each(failures)('that fails by %s is reported', async (_title, thrown, status, message) => {
    const result = await run(['go'], [command('go', () => Promise.reject(thrown))])
    expect(result).toEqual({
      status,
      out: '',
      err: typeof message === 'string' ? message : expect.stringMatching(message),
    })
  })
})
