/**
 * Compares what came with what a page says. In a page `…` stands for what differs from run to run - an id, a time, a
 * duration: alone for any value, within a text for any part of it, as a member for any other members.
 */
import { expect } from 'vitest'

/** `value` of a page, with a matcher wherever `…` stands. */
export function expectation(value: unknown): unknown {
  if (typeof value === 'string') return textExpectation(value)
  if (Array.isArray(value)) return value.map(expectation)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).filter(([key]) => key !== '…')
  const expected = Object.fromEntries(members.map(([key, member]) => [key, expectation(member)]))
  return '…' in value ? expect.objectContaining(expected) : expected
}

function textExpectation(text: string): unknown {
  if (text === '…') return expect.anything()
  if (!text.includes('…')) return text
  const parts = text.split('…').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return expect.stringMatching(new RegExp(`^${parts.join('[^]*')}$`))
}
