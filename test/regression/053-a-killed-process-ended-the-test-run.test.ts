/**
 * A test killed a process while it wrote down its coverage; the half file ended the whole run after all tests had passed.
 */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { removeHalfFiles } from '../setup/whole-coverage.ts'

test('half a coverage file is removed, whole ones and other files stay', () => {
  const folder = mkdtempSync(join(tmpdir(), 'switchhook-coverage-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'whole.json'), '{"result":[]}')
  writeFileSync(join(folder, 'half.json'), '{"result":[{"url":"fi')
  writeFileSync(join(folder, 'empty.json'), '')
  writeFileSync(join(folder, 'notes.txt'), '{')
  removeHalfFiles(folder, 0)
  expect(readdirSync(folder).sort()).toEqual(['notes.txt', 'whole.json'])
})

test('a folder that was never made is no mistake', () => {
  expect(() => removeHalfFiles(join(tmpdir(), 'switchhook-coverage-that-is-not-there'), 0)).not.toThrow()
})
