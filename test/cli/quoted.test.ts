/** The line of a mistake with a caret below its column: in configurations, templates and events. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { quoted } from '../../src/cli/quoted.ts'
import { runCommand } from './run-command.ts'

/** The text below the caret and behind it. */
function pointedAt(text: string, line: number, column: number): string {
  const [shown = '', below = ''] = quoted(text, { line, column })
  return shown.slice(below.indexOf('^'))
}

describe('a quoted line', () => {
  test('has its number, and a caret under the column', () => {
    expect(quoted('a: 1\nb: two\n', { line: 2, column: 4 })).toEqual(['   2 | b: two', '     |    ^'])
    expect(quoted('a\r\nb\rc', { line: 3, column: 1 })).toEqual(['   3 | c', '     | ^'])
    expect(quoted('a', { line: 1, column: 2 })).toEqual(['   1 | a', '     |  ^'])
  })

  test('is not there where the text has no such line', () => {
    expect(quoted('a', { line: 2, column: 1 })).toEqual([])
  })

  test('shows of a long one what is around the caret', () => {
    const text = `${'x'.repeat(200)}MISTAKE${'y'.repeat(200)}`
    const [shown = ''] = quoted(text, { line: 1, column: 201 })
    expect(shown).toHaveLength('   1 | '.length + 102)
    expect(shown).toMatch(/\| …x{60}MISTAKEy+…$/)
    expect(pointedAt(text, 1, 201)).toMatch(/^MISTAKE/)
    expect(quoted('z'.repeat(100), { line: 1, column: 100 })[0]).toBe(`   1 | ${'z'.repeat(100)}`)
    expect(quoted('z'.repeat(101), { line: 1, column: 1 })[0]).toBe(`   1 | ${'z'.repeat(100)}…`)
  })

  test('rules no terminal and keeps the caret in its place', () => {
    expect(quoted('\ta\u001b[31m: b', { line: 1, column: 10 })).toEqual(['   1 | ·a·[31m: b', '     |          ^'])
    expect(quoted('😀😀 here', { line: 1, column: 6 })).toEqual(['   1 | 😀😀 here', '     |    ^'])
  })

  test('shows neither passwords nor queries, wherever the caret stands', () => {
    const text = 'url: https://user:pass@x/?key=k1&b=%ani%, method: GIT'
    for (let column = 1; column <= text.length + 1; column += 1) {
      expect(quoted(text, { line: 1, column }).join('\n')).not.toMatch(/pass|k1/)
    }
    expect(pointedAt(text, 1, text.indexOf('GIT') + 1)).toBe('GIT')
  })
})

const CONFIG = `templates:
  - id: block
    type: json
    format: |
      { "phone": "%ani%",
        "name": "%ani_first_nme%" }
  - id: quotes
    type: xml
    format: "<lead>\\n  <name>%nobody%</name>\\n</lead>"
webhooks:
  - { id: crm, profile: custom, url: "https://user:pass@crm.example.com/?key=k1", method: GIT }
`

function folderWith(name: string, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'switchhook-quoted-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, name), text)
  return folder
}

test('check shows the line of each mistake, of a template its own', async () => {
  const cwd = folderWith('bad.yaml', CONFIG)
  const { status, stderr } = await runCommand(['check', 'bad.yaml'], { cwd })
  expect(status).toBe(2)
  expect(stderr).not.toMatch(/pass|k1/)
  const lines = stderr.split('\n')
  expect(lines[0]).toMatch(/^bad\.yaml:6:18 templates\.0\.format: .*ani_first_nme.*ani_first_name/)
  expect(lines.slice(1, 3)).toEqual(['   6 |         "name": "%ani_first_nme%" }', '     |                  ^'])
  expect(lines[3]).toMatch(/^bad\.yaml:9:13 templates\.1\.format: line 2, column 9: /)
  expect(lines.slice(4, 6)).toEqual(['   2 |   <name>%nobody%</name>', '     |         ^'])
  expect(lines[6]).toMatch(/^bad\.yaml:11:\d+ webhooks\.0\.method: /)
  const caret = lines[8]?.indexOf('^') ?? 0
  expect(lines[7]?.slice(caret)).toBe('GIT }')
  expect(lines[9]).toBe('3 mistakes')
  const { stdout } = await runCommand(['check', 'bad.yaml', '--format', 'json'], { cwd })
  expect(JSON.parse(stdout).mistakes).toHaveLength(3)
  expect(stdout).not.toContain('quote')
})

test('a configuration that only says where the engine listens is shown likewise', async () => {
  const cwd = folderWith('bad.yaml', CONFIG)
  const { status, stderr } = await runCommand(['stats', '--config', 'bad.yaml'], { cwd })
  expect(status).toBe(2)
  expect(stderr).toContain('\n     6 |         "name": "%ani_first_nme%" }\n       |                  ^\n')
})

test.each([
  ['{\n  "data": { "a": 1,, }\n}', '\n     2 |   "data": { "a": 1,, }\n       |                    ^\n'],
  ['{\n  "data": {', '\n     2 |   "data": {\n       |            ^\n'],
])('an event that is no JSON is shown where it is wrong: %j', async (text, shown) => {
  const cwd = folderWith('event.json', text)
  const { status, stderr } = await runCommand(['render', 'crm', 'event.json'], { cwd })
  expect(status).toBe(2)
  expect(stderr).toContain('event.json is not JSON')
  expect(stderr).toContain(shown)
})
