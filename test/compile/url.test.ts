/** URLs: what is kept, what is escaped, where tokens may stand, what can't be sent. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${tokens} are what is tested
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { issues, outcome, points, rendered, text } from './rendering.ts'

describe('static text of a URL', () => {
  test.each([
    ['https://h.example', '/'],
    ['https://h.example?a=1', '/?a=1'],
    ['https://h.example/a/b.php?x=1&y=2', '/a/b.php?x=1&y=2'],
    ['https://h.example/x?', '/x?'],
    ['https://h.example/x?a=1#part', '/x?a=1'],
    ['https://h.example/x#part?a=1', '/x'],
    ['HTTPS://H.Example:8443/X', '/X'],
    ["https://h.example/o'k?list[]=1&who=it's&c={x}|y", "/o'k?list[]=1&who=it's&c={x}|y"],
    ['https://h.example/%C3%A9?q=%c3%a9+1', '/%C3%A9?q=%c3%a9+1'],
    ['https://h.example/a b/é?q=a b&é="<>', '/a%20b/%C3%A9?q=a%20b&%C3%A9=%22%3C%3E'],
    ['https://h.example/a/../b/./c/%2e%2E/d', '/b/d'],
    ['https://h.example\\a\\b', '/a/b'],
    ['  https://h.example/a\n/b?c\t=d \n', '/a/b?c=d'],
    ['https://h.example/token0.?x=token', '/token0.?x=token'],
    ['https://h.example/\ud800?\ud800', '/%EF%BF%BD?%EF%BF%BD'],
    ['https://h.example/100%?x=50%', '/100%?x=50%'],
  ])('%j is sent as %j', (url, path) => {
    expect(rendered({ url: text(url, 'none') }).path).toBe(path)
    expect(rendered({ url: text(url, 'dollar') }).path).toBe(path)
  })

  test('is sent as new URL() writes it, but for a single quote in the query, which is legal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (path, query) => {
        const url = `https://h.example/${path}?${query}`
        const parsed = new URL(url)
        const expected = url.replace(/[\t\n\r]/g, '').includes('?') ? parsed.pathname + parsed.search : parsed.pathname
        const { path: sent } = rendered({ url: text(url, 'dollar') })
        expect(sent.replaceAll("'", '%27').replace(/\?$/, '')).toBe(expected.replaceAll("'", '%27').replace(/\?$/, ''))
      }),
    )
  })
})

describe('parameters behind a URL', () => {
  test.each([
    ['https://h.example/x', '/x?a=1&b=2'],
    ['https://h.example', '/?a=1&b=2'],
    ['https://h.example/x?', '/x?a=1&b=2'],
    ['https://h.example/x?k=v', '/x?k=v&a=1&b=2'],
    ['https://h.example/x?k=v&', '/x?k=v&a=1&b=2'],
    ['https://h.example/x?k=v#f', '/x?k=v&a=1&b=2'],
    ['https://h.example/x?k=${c}', '/x?k=3&a=1&b=2'],
    ['https://h.example/x?${d}', '/x?&a=1&b=2'],
  ])('%j becomes %j', (url, path) => {
    const query = [{ params: points({ a: 'a' }) }, { params: [] }, { params: points({ b: 'b' }) }]
    expect(rendered({ url: text(url, 'dollar'), query }, { a: 1, b: 2, c: 3 }).path).toBe(path)
  })
})

describe('tokens in a URL', () => {
  test.each([
    ['%ani%', 'a/b?c#d', '/p/a%2Fb%3Fc%23d?q=a%2Fb%3Fc%23d'],
    ['x-%ani%.json', '..', '/p/x-...json?q=x-...json'],
    ['%ani%', '...', '/p/...?q=...'],
    ['%ani%%ani%', 'é ', '/p/%C3%A9%20%C3%A9%20?q=%C3%A9%20%C3%A9%20'],
    ['%C3%A9%20%ani%%41', '5', '/p/%C3%A9%205%41?q=%C3%A9%205%41'],
    ['%%ani%', '41', '/p/%2541?q=%2541'],
    ['%ani%', '\ud800', '/p/%EF%BF%BD?q=%EF%BF%BD'],
    ['%ad_group%', 'x', '/p/x?q=x'],
  ])('%j with %j is %j', (written, ani, path) => {
    const url = text(`https://h.example/p/${written}?q=${written}`)
    expect(rendered({ url }, { ani, ad_group: ani }).path).toBe(path)
  })

  test('an escape that a token would complete is closed before it', () => {
    const url = text('https://h.example/%2${x}?q=%${x}&r=%4${x}', 'dollar')
    expect(rendered({ url }, { x: 'e' }).path).toBe('/%252e?q=%25e&r=%254e')
  })

  test('a nested value is compact JSON text', () => {
    const url = text('https://h.example/?t=%tags%')
    expect(rendered({ url }, { tags: { a: [1, null] } }).path).toBe('/?t=%7B%22a%22%3A%5B1%2Cnull%5D%7D')
  })

  test.each([
    ['/${x}/b', '.', true],
    ['/a/${x}', '..', true],
    ['/a/.${x}/b', '.', true],
    ['/a/.${x}/b', '', true],
    ['/a/%2e${x}/b', '.', true],
    ['/a/${x}${y}', '.', true],
    ['/a/${x}?q', '..', true],
    ['/a/${x}/b', '', false],
    ['/a/${x}/b', '...', false],
    ['/a/${x}-/b', '..', false],
    ['/a/b?c=/${x}/d', '..', false],
    ['/a/${x}/b', '%2e', false],
  ])('%j with %j is invalid: %j', (path, x, isInvalid) => {
    const result = outcome({ url: text(`https://h.example${path}`, 'dollar') }, { x, y: '' })
    expect(result.kind).toBe(isInvalid ? 'invalid' : 'request')
  })

  test('what is invalid is told with its place', () => {
    const url = text('https://h.example/a/%ani%/b')
    expect(outcome({ url }, { ani: '..' })).toEqual({
      kind: 'invalid',
      detail: 'url: ani would make the path segment "..", which leads elsewhere',
    })
  })
})

describe('user info of a URL', () => {
  const url = text('https://user:p%40ss@h.example/x', 'none')

  test('becomes a Basic authorization', () => {
    const authorization = `Basic ${Buffer.from('user:p@ss').toString('base64')}`
    expect(rendered({ url }).headers).toEqual(['authorization', authorization])
    expect(rendered({ url: text('https://user%E9@h.example', 'none') }).headers[1]).toBe(
      `Basic ${Buffer.from('user%E9:').toString('base64')}`,
    )
  })

  test('gives way to an authorization that is configured', () => {
    const headers = [{ name: 'authorization', value: text('Bearer t', 'none') }]
    expect(rendered({ url, headers }).headers).toEqual(['authorization', 'Bearer t'])
  })
})

describe('a URL is refused', () => {
  const misplaced = 'stands in the scheme, user info, host or port: tokens may stand in path and query only'
  const begins = 'a URL begins with https:// or http:// and a host'
  const noHost = 'between // and / stands a name or an address, with a port from 0 to 65535 if any'
  test.each([
    ['', 'percent', `url 1:1 not an absolute URL: ${begins}`],
    ['/leads', 'percent', `url 1:1 not an absolute URL: ${begins}`],
    ['www.example.com/leads', 'percent', `url 1:1 not an absolute URL: ${begins}`],
    ['https:h.example', 'percent', `url 1:1 not an absolute URL: ${begins}`],
    ['ftp://h.example', 'percent', `url 1:1 scheme "ftp" can't be sent: ${begins}`],
    ['%ani%://h.example', 'percent', `url 1:1 %ani% ${misplaced}`],
    ['https://%ani%:x@h.example', 'percent', `url 1:9 %ani% ${misplaced}`],
    ['https://${h}.example/', 'dollar', `url 1:9 \${h} ${misplaced}`],
    ['https://h.example:%ani%/', 'percent', `url 1:19 %ani% ${misplaced}`],
    ['https://h.example%ani%', 'percent', `url 1:18 %ani% ${misplaced}`],
    ['https:///x', 'percent', `url 1:9 "" is no host: ${noHost}`],
    ['https://u:secret@h example/x', 'percent', `url 1:18 "h example" is no host: ${noHost}`],
    ['https://h.example:65536/x', 'percent', `url 1:9 "h.example:65536" is no host: ${noHost}`],
    ['https://h.example/?q=%anii%', 'percent', 'url 1:22 unknown token %anii%: did you mean %ani%?'],
    [
      'https://h.example/?q=%zzzzz%',
      'percent',
      'url 1:22 unknown token %zzzzz%: neither the catalogue nor dataPoints has it',
    ],
    ['https://h.example/${}', 'dollar', 'url 1:19 token ${} names no variable: a token is written ${name}'],
    ['https://h.example/${a', 'dollar', 'url 1:19 token ${a has no closing brace: a token is written ${name}'],
    ['https://h.example/?q=%ani%', 'none', 'url 1:22 %ani% is not filled in here: send ani as one of params'],
    ['https://h.example/?q=${x.y}', 'none', 'url 1:22 ${x.y} is not filled in here: send x.y as one of params'],
  ] as const)('%j in syntax %s: %s', (url, syntax, issue) => {
    expect(issues({ url: text(url, syntax) })).toEqual([issue])
  })

  test('with the last good port it is taken', () => {
    expect(issues({ url: text('https://h.example:65535/x') })).toEqual([])
  })

  test('with every token that is wrong', () => {
    expect(issues({ url: text('https://%ani%/%anii%') }).length).toBe(2)
  })
})
