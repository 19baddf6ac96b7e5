/**
 * Checks command lines that a page shows and that nothing runs, since they start servers, take minutes or need a network: the
 * command exists and takes these options, the files and scripts that it names are there. Commands of `switchhook` are read by
 * its own parser.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readCommandLine } from '../../src/cli/command-line.ts'
import { commands } from '../../src/cli/commands.ts'
import { messageOf } from '../../src/errors.ts'

const ROOT = join(import.meta.dirname, '..', '..')

const PACKAGE_NAME = /^(?:@[a-z0-9-]+\/)?[a-z0-9-]+$/

/** What is wrong with the lines of a block; empty: nothing. */
export async function commandMistakes(block: string): Promise<readonly string[]> {
  const lines = block.replaceAll('\\\n', ' ').split('\n')
  const parts = lines.flatMap((line) => line.replace(/(^|\s)#.*$/, '').split(/\s&&\s/))
  const mistakes = await Promise.all(parts.map((part) => commandMistake(wordsOf(part.replace(/\s&$/, '')))))
  return mistakes.filter((mistake) => mistake !== undefined)
}

async function commandMistake([program, ...words]: readonly string[]): Promise<string | undefined> {
  switch (program) {
    case undefined:
      return undefined
    case 'export':
      return words.every((word) => /^[A-Z_]+=/.test(word)) ? undefined : `export ${words.join(' ')} sets no variable`
    case 'npx':
      return words[0] === 'switchhook' ? await switchhookMistake(words.slice(1)) : `npx ${words[0]} is not ours`
    case 'switchhook':
      return await switchhookMistake(words)
    case 'npm':
      return npmMistake(words)
    default:
      return existsSync(join(ROOT, program)) ? undefined : `nothing is known of ${program}`
  }
}

async function switchhookMistake([name = '', ...args]: readonly string[]): Promise<string | undefined> {
  const command = commands.find((each) => each.name === name)
  if (command === undefined) return `there is no command ${name}`
  if (args.includes('--help')) return undefined
  try {
    readCommandLine((await command.load()).usage, args)
    return undefined
  } catch (error) {
    return messageOf(error)
  }
}

function npmMistake([verb = '', ...words]: readonly string[]): string | undefined {
  const dashes = words.indexOf('--')
  const args = dashes === -1 ? [] : words.slice(dashes + 1)
  const missing = args.find((arg) => arg.startsWith('test/') && !existsSync(join(ROOT, arg)))
  if (missing !== undefined) return `there is no ${missing}`
  if (verb === 'ci' || verb === 'test') return undefined
  if (verb === 'install') {
    return words.every((word) => PACKAGE_NAME.test(word)) ? undefined : 'npm install takes names of packages'
  }
  const [script = ''] = words
  if (verb !== 'run' || !scriptNames().has(script)) return `npm ${verb} ${script} is no script of package.json`
  const [experiment = ''] = args
  const isKnown = script !== 'experiment' || experiment === 'NAME' || experimentNames().includes(experiment)
  return isKnown ? undefined : `there is no experiment ${experiment}`
}

function scriptNames(): ReadonlySet<string> {
  const manifest: { scripts: Record<string, string> } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  return new Set(Object.keys(manifest.scripts))
}

function experimentNames(): readonly string[] {
  const folder = join(ROOT, 'scripts', 'experiments')
  return readdirSync(folder).filter((name) => existsSync(join(folder, name, 'run.ts')))
}

/** Words as a shell makes them of a line without expansions: quotes hold a word together. */
function wordsOf(line: string): readonly string[] {
  const words = line.match(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g) ?? []
  return words.map((word) => word.replaceAll(/'([^']*)'|"([^"]*)"/g, (_, single = '', double = '') => single + double))
}
