/**
 * Somebody who has just installed Switchhook goes from an empty folder to a delivered webhook by nothing but what the commands
 * print as the next step, whatever the first webhook is.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { followNewcomer } from '../../scripts/newcomer.ts'

const BIN = join(import.meta.dirname, '..', '..', 'node_modules', '.bin')

/** The second words of what `init` printed, in order. */
const STEPS = ['check', 'serve', 'sink', 'tail', 'trigger']

const CHOICES: readonly [choices: string, last: string, stands: RegExp][] = [
  ['--profile custom', 'deliveries', / delivered +first +call\.end +example-\S+ /],
  ['--profile autoid --token', 'deliveries', / delivered +first +call\.end +example-\S+ /],
  ['--profile dialogtech-transcription', 'deliveries', / delivered +first +transcription\.completed /],
  ['--profile dialogtech-ivr', 'calls', / call\.ivr +first +speak$/m],
]

test.each(CHOICES)(
  'the way to a first webhook with %s',
  async (choices, last, stands) => {
    const folder = mkdtempSync(join(tmpdir(), 'switchhook-newcomer-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const path = [dirname(process.execPath), BIN, process.env['PATH']].join(delimiter)
    const seen = await followNewcomer({ folder, path }, choices)
    expect(seen.commands.map((line) => line.split(' ')[1])).toEqual([...STEPS, last])
    expect(seen.printed.get('check')).toMatch(/^switchhook\.yaml can be used: 1 webhook, /)
    expect(seen.lines.get('sink')?.join('\n')).toMatch(/ (?:POST|GET) \/calls/)
    expect(seen.lines.get('tail')?.join('\n')).toMatch(/ {2}first {2}/)
    expect(seen.printed.get(last)).toMatch(stands)
    expect(Object.fromEntries(seen.statuses)).toEqual({ serve: 0, sink: 0, tail: 0 })
    const token = choices.includes('--token') ? ['switchhook.token'] : []
    expect(readdirSync(folder).sort()).toEqual(['data', ...token, 'switchhook.yaml'])
  },
  120_000,
)
