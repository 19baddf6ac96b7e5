/**
 * `switchhook store`: what operators ask of an embedded store's folder. `info` and `backup` work beside a running server.
 */
import { formatSize } from '../config/units.ts'
import { SwitchhookError } from '../errors.ts'
import { backup, info, verify } from '../outbox/embedded/files/inspect.ts'
import type { ExitStatus, LoadedCommand } from './command.ts'
import { defineCommand } from './command-line.ts'
import { complain, oneLine, print, printJson } from './output.ts'

/** Runs one of the three. */
export const command: LoadedCommand = defineCommand(
  {
    name: 'store',
    forms: ['store info FOLDER [--json]', 'store verify FOLDER', 'store backup FOLDER TARGET'],
    about: `  info     tells what is in a store, also of a running server
  verify   reads every page and record of a store that is not in use, and tells what is wrong
  backup   copies a store, also of a running server, into the new folder TARGET, which can be served from

Exit status 0: all is well; 1: it is not, or there is no store; 2: the command line can't be understood.`,
    words: [
      { name: 'the first word', choices: ['info', 'verify', 'backup'] },
      { name: 'FOLDER', completes: 'folder' },
      { name: 'TARGET', isOptional: true, completes: 'folder' },
    ],
    options: { json: { kind: 'flag', help: 'info as one JSON object' } },
    notes: '',
    example: 'store backup data backup-2026-11-21',
  },
  async ({ words: [what, folder = '', target], options }) => {
    if (what === 'info' && target === undefined) return await showInfo(folder, options.json)
    if (options.json) throw new SwitchhookError('usage', '--json is of `store info`: leave it out')
    if (what === 'verify' && target === undefined) return await showProblems(folder)
    if (what === 'backup' && target !== undefined) {
      await backup(folder, target)
      print(`${folder} was copied to ${target}`)
      return 0
    }
    throw new SwitchhookError('usage', 'info FOLDER, verify FOLDER or backup FOLDER TARGET is expected; see --help')
  },
)

async function showInfo(folder: string, isJson: boolean): Promise<ExitStatus> {
  const found = await info(folder)
  if (isJson) {
    printJson({ ...found, pendingByWebhook: Object.fromEntries(found.pendingByWebhook) })
    return 0
  }
  const oldest =
    found.oldestAcceptedAtMs === undefined ? '' : `, the oldest of ${new Date(found.oldestAcceptedAtMs).toISOString()}`
  const isOld = found.format < found.servedFormat
  print(`format     ${found.format}${isOld ? `, brought up to ${found.servedFormat} when it is served next` : ''}`)
  print(`size       ${sizeText(found.bytes)} in use, ${sizeText(found.fileBytes)} on disk`)
  print(`pending    ${found.pending}${oldest}`)
  print(`delivered  ${found.delivered}`)
  print(`dead       ${found.dead}`)
  for (const [webhook, pending] of found.pendingByWebhook) print(oneLine(`  ${webhook}: ${pending} pending`))
  return 0
}

async function showProblems(folder: string): Promise<ExitStatus> {
  const problems = await verify(folder)
  for (const problem of problems) complain(problem)
  if (problems.length > 0) return 1
  print(`${folder} is whole`)
  return 0
}

/** A size to the nearest unit that people read. */
function sizeText(bytes: number): string {
  const unit = bytes < 10 * 1024 ? 1 : bytes < 10 * 1024 ** 2 ? 1024 : 1024 ** 2
  return formatSize(Math.round(bytes / unit) * unit)
}
