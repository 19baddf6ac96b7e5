/** URLs in spans: as they are configured, without what is filled in or nobody's business. */
import { expect, test } from 'vitest'
import type { RequestSpec, TokenSyntax } from '../../src/model/request-spec.ts'
import { shownUrl } from '../../src/tracing/attributes.ts'

function spec(text: string, syntax: TokenSyntax, query: RequestSpec['query'] = []): RequestSpec {
  return { method: 'GET', url: { text, syntax }, query, body: { kind: 'none' }, headers: [] }
}

const QUERY = [{ params: [{ name: 'a', value: { kind: 'point', path: 'ani' } as const }] }]

test.each([
  ['a plain URL', spec('https://a.example/x/y', 'percent'), 'https://a.example/x/y'],
  [
    'tokens in percent signs',
    spec('https://a.example/%ani%/y%dnis%', 'percent'),
    'https://a.example/[masked]/y[masked]',
  ],
  ['tokens with a dollar', spec(`https://a.example/\${call.id}/y`, 'dollar'), 'https://a.example/[masked]/y'],
  ['escapes', spec('https://a.example/caf%C3%A9/%20', 'percent'), 'https://a.example/caf%C3%A9/%20'],
  ['escapes before a token', spec('https://a.example/%C3%A9%ani%', 'percent'), 'https://a.example/%C3%A9[masked]'],
  ['user info', spec('https://u:p@a.example/x', 'none'), 'https://[masked]@a.example/x'],
  ['a query', spec('https://a.example/x?key=k&b=2', 'none'), 'https://a.example/x?[masked]'],
  ['a query without a name', spec('https://a.example/x?s3cret', 'none'), 'https://a.example/x?[masked]'],
  ['a query with a quote', spec("https://a.example/x?key=it's-secret", 'none'), 'https://a.example/x?[masked]'],
  ['user info with a quote', spec("https://u:it's-secret@a.example/x", 'none'), 'https://[masked]@a.example/x'],
  ['parameters alone', spec('https://a.example/x', 'none', QUERY), 'https://a.example/x?[masked]'],
  ['a query and parameters', spec('https://a.example/x?k=1', 'none', QUERY), 'https://a.example/x?[masked]'],
  ['a fragment', spec('https://a.example/x#part', 'none'), 'https://a.example/x'],
  ['space around it', spec(' https://a.example/x ', 'none'), 'https://a.example/x'],
])('%s is shown as it may be', (_, request, shown) => {
  expect(shownUrl(request)).toBe(shown)
})
