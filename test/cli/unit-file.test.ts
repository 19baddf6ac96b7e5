/** The sample unit file for systemd: what it must say for what `serve` does, and what systemd's own check says of it. */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'

const UNIT = readFileSync(new URL('../../deploy/systemd/switchhook.service', import.meta.url), 'utf8')

/** Keys with their values by section; a key that stands twice has the last. */
function sectionsOf(text: string): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const sections = new Map<string, Map<string, string>>()
  let keys = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [, section] = /^\[(\w+)\]$/.exec(line) ?? []
    const [, key, value] = /^(\w+)=(.*)$/.exec(line) ?? []
    if (section !== undefined) {
      keys = new Map()
      sections.set(section, keys)
    } else if (key !== undefined && value !== undefined) keys.set(key, value)
    else if (line !== '' && !line.startsWith('#')) throw new Error(`no key: ${line}`)
  }
  return sections
}

test.each([
  // What `serve` tells comes from a descendant.
  ['Type', 'notify'],
  ['NotifyAccess', 'all'],
  ['WatchdogSec', '30s'],
  ['Restart', 'on-failure'],
  // Wrong usage or configuration, and no Node.js 24: starting again would not help.
  ['RestartPreventExitStatus', '2 78'],
  ['ExecReload', '/bin/kill -HUP $MAINPID'],
  // The relay of messages ends with the process that it belongs to.
  ['KillMode', 'mixed'],
  ['TimeoutStopSec', '30s'],
  ['DynamicUser', 'yes'],
  ['StateDirectory', 'switchhook'],
  ['ProtectSystem', 'strict'],
  ['NoNewPrivileges', 'yes'],
  ['LimitNOFILE', '131072'],
])('the service has %s=%s', (key, value) => {
  expect(sectionsOf(UNIT).get('Service')?.get(key)).toBe(value)
})

test('nothing in it forbids what the engine needs', () => {
  const service = sectionsOf(UNIT).get('Service')
  // Compiled code is written to memory and run; NOTIFY_SOCKET is a Unix socket.
  expect(service?.has('MemoryDenyWriteExecute')).toBe(false)
  expect(service?.get('RestrictAddressFamilies')?.split(' ')).toEqual(['AF_INET', 'AF_INET6', 'AF_UNIX'])
})

test('systemd finds no mistake in it, and does in one with a wrong key', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'switchhook-unit-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  // The check wants programs to be there, and what the unit names is only where it is installed.
  const here = UNIT.replaceAll(/^ExecStart=\S+ /gm, `ExecStart=${process.execPath} `)
  const verify = async (text: string): Promise<string> => {
    const units = join(folder, 'units')
    mkdirSync(units, { recursive: true })
    const file = join(units, 'switchhook.service')
    writeFileSync(file, text)
    // Other units of the machine are looked at as well; what is wrong with those is not told here.
    const { stderr } = await promisify(execFile)('systemd-analyze', ['verify', '--man=no', file]).catch(
      (error: { readonly stderr: string }) => error,
    )
    return stderr
      .split('\n')
      .filter((line) => line.includes('switchhook.service'))
      .join('\n')
  }
  expect(await verify(here)).toBe('')
  expect(await verify(here.replace('DynamicUser=yes', 'DynamicUsers=yes'))).toMatch(/Unknown key.*'DynamicUsers'/)
})
