/**
 * Whose a template is was not known where it could not be used, and a word stood for that which a group may have as its name: accounts of
 * the group `unknown` saw all such templates.
 */
import { expect, test } from 'vitest'
import { sees } from '../../src/manage/sight.ts'

const TEXT = '{"id":"lead","group":"dealers","type":"json","format":"{}"}'
const USABLE = { id: 'lead', name: 'lead', group: 'dealers', type: 'json', format: '{}', fields: {} } as const
const ENTRY = { id: 'lead', layer: 'api', text: TEXT, mistakes: [], account: '', template: '' } as const

test.each([
  ['unknown', undefined, false],
  ['dealers', undefined, false],
  ['dealers', USABLE, true],
  ['unknown', USABLE, false],
])('an account of the group %s', (group, item, expected) => {
  expect(sees(['acme'], 'template', { ...ENTRY, item }, [{ id: 'acme', groups: [group] }])).toBe(expected)
  expect(sees('all', 'template', { ...ENTRY, item }, [])).toBe(true)
})
