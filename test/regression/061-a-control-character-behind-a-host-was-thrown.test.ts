/**
 * Host and port of a webhook's URL were checked without what follows them, and there the URL parser drops control characters from the
 * end: with a slash behind them it refuses them, so that the configuration was not refused with its place but threw.
 */
import { describe, expect, test } from 'vitest'
import { issues, rendered, text } from '../compile/rendering.ts'
import { load, mistakesIn } from '../config/check.ts'

describe.each(['\u0001', '\u0013', ' ', '\u001f', '\0'])('%j', (character) => {
  test.each([
    `https://h.example${character}/a`,
    `https://h.example:844${character}/`,
    `https://h.example${character}?a=b`,
  ])('behind a host or port is refused: %j', (url) => {
    expect(issues({ url: text(url) })).toEqual([expect.stringMatching(/^url 1:9 ".*" is no host: /)])
  })

  test('at the end of the URL is no part of it', () => {
    expect(rendered({ url: text(`https://h.example:844/a${character}`) }).path).toBe('/a')
    expect(rendered({ url: text(`https://h.example:844${character}`) }).path).toBe('/')
  })
})

test('a configuration with such a URL is refused with its place', () => {
  const webhook = (url: string) => `webhooks: [{ id: w, profile: custom, url: "${url}" }]`
  expect(mistakesIn(webhook('https://h.example:844\\x13/'))).toEqual([
    expect.stringMatching(/^f:1:\d+ webhooks\.0\.url: line 1, column 9: "h\.example:844·" is no host/),
  ])
  expect(load(webhook('https://h.example:844/')).webhooks).toHaveLength(1)
})
