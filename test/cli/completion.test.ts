/** `switchhook completion`: the script for bash is asked by bash itself; that for fish is looked at. */
import { execFile, execFileSync } from 'node:child_process'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { freePort } from '../../scripts/free-port.ts'
import { commands } from '../../src/cli/commands.ts'
import { startWorld } from '../e2e/world.ts'
import { runCommand } from './run-command.ts'

const BIN = join(import.meta.dirname, '..', '..', 'node_modules', '.bin')

const ASK = `
eval "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); COMPREPLY=()
_switchhook
printf '%s\\n' "\${COMPREPLY[@]}"
`

describe('switchhook completion', () => {
  test('bash completes commands, options, values and files', async () => {
    const { status, stdout: script } = await runCommand(['completion', 'bash'])
    expect(status).toBe(0)
    const complete = (...words: readonly string[]): readonly string[] => {
      const args = ['--norc', '--noprofile', '-uc', ASK, 'bash', script, 'switchhook', ...words]
      const cwd = new URL('../../examples', import.meta.url)
      const found = execFileSync('bash', args, { encoding: 'utf8', cwd })
      return found.split('\n').filter((line) => line !== '')
    }
    expect(complete('')).toEqual([...commands.map(({ name }) => name), '--help', '--version'])
    expect(complete('de')).toEqual(['deliveries', 'deactivate'])
    expect(complete('deliveries', '--s')).toEqual(['--state', '--subject'])
    expect(complete('deliveries', '--state', '')).toEqual(['pending', 'delivered', 'dead'])
    expect(complete('deliveries', '--state', 'de')).toEqual(['delivered', 'dead'])
    expect(complete('deliveries', '--webhook', '')).toEqual([])
    expect(complete('trigger', 'aut')).toEqual(['autoid'])
    expect(complete('completion', '')).toEqual(['bash', 'zsh', 'fish', 'webhooks'])
    expect(complete('check', 'switchhook.y')).toEqual(['switchhook.yaml'])
    expect(complete('serve', '--config', 'sw')).toEqual(['switchhook.yaml'])
    expect(complete('send', '--')).toEqual(['--patience', '--json', '--url', '--config', '--help'])
    expect(complete('store', 'v')).toEqual(['verify'])
    expect(complete('nonsense', '')).toEqual([])
  })

  test('bash asks the engine for the ids of webhooks, and goes without them where nobody answers', async () => {
    const webhook = (id: string): string =>
      `  - { id: ${id}, profile: custom, method: POST, url: 'https://x.example.com/' }\n`
    const world = await startWorld(`workers: 0\nwebhooks:\n${['crm', 'erp', 'crm-2'].map(webhook).join('')}`)
    const { stdout: script } = await runCommand(['completion', 'bash'])
    const path = [dirname(process.execPath), BIN, process.env['PATH']].join(delimiter)
    const complete = async (url: string, ...words: readonly string[]): Promise<readonly string[]> => {
      const args = ['--norc', '--noprofile', '-uc', ASK, 'bash', script, 'switchhook', ...words]
      const env = { ...process.env, PATH: path, SWITCHHOOK_URL: url, SWITCHHOOK_TOKEN: '' }
      const { stdout, stderr } = await promisify(execFile)('bash', args, {
        cwd: new URL('../../examples', import.meta.url),
        env,
      })
      expect(stderr).toBe('')
      return stdout.split('\n').filter((line) => line !== '')
    }
    expect(await complete(world.url, 'activate', '')).toEqual(['crm', 'crm-2', 'erp'])
    expect(await complete(world.url, 'tail', '--webhook', 'c')).toEqual(['crm', 'crm-2'])
    expect(await complete(world.url, 'render', 'switch')).toEqual(['switchhook.yaml'])
    expect(await complete(`http://127.0.0.1:${await freePort()}`, 'activate', '')).toEqual([])
  })

  test('zsh is given the same, and what makes it understand that', async () => {
    const { stdout: bash } = await runCommand(['completion', 'bash'])
    const { stdout: zsh } = await runCommand(['completion', 'zsh'])
    expect(zsh).toBe(`autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n${bash}`)
  })

  test('fish is told every command and option, with its quotes escaped', async () => {
    const { stdout } = await runCommand(['completion', 'fish'])
    for (const { name, load } of commands) {
      expect(stdout).toContain(`-n __fish_use_subcommand -a ${name} -d `)
      for (const option of Object.keys((await load()).usage.options)) {
        expect(stdout).toContain(`-n '__fish_seen_subcommand_from ${name}' -l ${option}`)
      }
    }
    expect(stdout).toContain("-a erase -d 'erase a caller\\'s data'")
    expect(stdout).toContain("-l state -x -a 'pending delivered dead' -d ")
  })

  test.each([[[]], [['tcsh']]])('%j is no use of it', async (args) => {
    expect((await runCommand(['completion', ...args])).status).toBe(2)
  })
})
