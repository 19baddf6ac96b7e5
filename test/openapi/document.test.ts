/**
 * The API's document: it has a row for each route and nothing else, passes the linter, and is served as it stands in the package.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createConfig, lintFromString } from '@redocly/openapi-core'
import { describe, expect, test } from 'vitest'
import { OPERATIONS } from '../../src/ingress/openapi/operations.ts'
import { PROBLEMS } from '../../src/ingress/problems.ts'
import { run } from '../ingress/recording.ts'
import { lookUp, schemaIn } from '../schema/schema-values.ts'
import { ROUTES } from '../security/api-routes.ts'
import { DOCUMENT, DOCUMENTED } from './api-document.ts'

test('every route has its row and every row its route, with the same right', () => {
  const key = ({
    method,
    path,
    right,
    answersHead,
  }: Pick<(typeof OPERATIONS)[number], 'method' | 'path' | 'right' | 'answersHead'>) =>
    `${method} ${path} needs ${right}${answersHead ? ', also HEAD' : ''}`
  expect(OPERATIONS.map(key).sort()).toEqual(ROUTES.map(key).sort())
})

test('every operation has a name of its own', () => {
  expect(new Set(DOCUMENTED.map(({ id }) => id)).size).toBe(DOCUMENTED.length)
})

test('every problem is documented', () => {
  const { enum: types } = schemaIn(
    schemaIn(lookUp('#/components/schemas/Problem', DOCUMENT)['properties'])['type'] as object,
  )
  expect(types).toEqual(Object.keys(PROBLEMS).map((name) => `urn:switchhook:problem:${name}`))
})

test('the linter has nothing to say', async () => {
  // No keyword of OpenAPI 3.1 can refer to what the data of a stream's events hold, nor to a problem of any kind: both are for
  // those who read the document, and for clients that are made of it.
  const rules = { 'no-unused-components': 'off' } as const
  const config = await createConfig({ extends: ['recommended'], rules })
  const problems = await lintFromString({ source: JSON.stringify(DOCUMENT), absoluteRef: 'openapi.json', config })
  expect(problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} at ${location[0]?.pointer}`)).toEqual(
    [],
  )
})

describe('GET /openapi.json', () => {
  test('gives the document to anybody', async () => {
    await using server = await run({ tokens: [{ name: 'a', secret: 'a-secret', may: ['read'], accounts: 'all' }] })
    const response = await fetch(`${server.url}/openapi.json`)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(response.headers.get('cache-control')).toBe('no-cache')
    expect(await response.json()).toEqual(JSON.parse(JSON.stringify(DOCUMENT)))
  })

  test('answers 304 to those who have it already', async () => {
    await using server = await run()
    const url = `${server.url}/openapi.json`
    const etag = (await fetch(url)).headers.get('etag') ?? ''
    expect(etag).toMatch(/^"[\w-]{16}"$/)
    for (const field of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await fetch(url, { headers: { 'if-none-match': field } })
      expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag])
    }
    expect((await fetch(url, { headers: { 'if-none-match': '"other"' } })).status).toBe(200)
  })

  test('answers HEAD without a body', async () => {
    await using server = await run()
    const response = await fetch(`${server.url}/openapi.json`, { method: 'HEAD' })
    expect([response.status, await response.text()]).toEqual([200, ''])
    expect(Number(response.headers.get('content-length'))).toBeGreaterThan(100_000)
  })
})

test.each(DOCUMENTED.filter(({ method }) => method === 'GET').map(({ path }) => path))(
  '%s answers OPTIONS and other methods with 405 and what it knows',
  async (path) => {
    await using server = await run()
    const allow = DOCUMENTED.filter((each) => each.path === path)
      .map(({ method }) => method)
      .sort()
      .join(', ')
    for (const method of ['OPTIONS', 'PATCH']) {
      const response = await fetch(server.url + path.replace(/\{\w+\}/, 'crm'), { method })
      expect([response.status, response.headers.get('allow')]).toEqual([405, allow])
    }
  },
)

test('docs/api.md lists every problem with its status', () => {
  const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'api.md'), 'utf8')
  const rows = [...page.matchAll(/^\| (\d{3}) \| (.*?) \|/gm)]
  const listed = rows.flatMap(([, status, names = '']) =>
    [...names.matchAll(/`([\w-]+)`/g)].map(([, name]) => `${status} ${name}`),
  )
  expect(listed.sort()).toEqual(
    Object.entries(PROBLEMS)
      .map(([name, { status }]) => `${status} ${name}`)
      .sort(),
  )
})
