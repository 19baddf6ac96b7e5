/** The catalogue as the API lists it: every data point of the five documents, by platform and category. */
import { expect, test } from 'vitest'
import type { Json } from '../e2e/world.ts'
import { AUTOID_TOKENS } from './autoid-tokens.ts'
import { startPlatform } from './platform-world.ts'

interface Listed {
  readonly id: string
  readonly title: string
  readonly categories: readonly {
    readonly name: string
    readonly dataPoints: readonly { readonly name: string; readonly description: string; readonly example?: unknown }[]
  }[]
}

async function listedPlatforms(config: Readonly<Record<string, unknown>> = {}): Promise<readonly Listed[]> {
  const { status, json }: { status: number; json: Json } = await (await startPlatform(config)).get('/v1/catalog')
  expect(status).toBe(200)
  return json.platforms
}

test.each([
  ['autoid', [27, 11, 29, 10]],
  ['dialogtech-post-call', [36, 22, 24, 2]],
  ['dialogtech-ivr', [12, 22]],
  ['dialogtech-transcription', [6]],
  ['vcc-live-ivr', [6]],
  ['wix-answers-ivr', [4]],
])('%s lists as many data points as its document has: %j', async (id, counts) => {
  const platform = (await listedPlatforms()).find((each) => each.id === id)
  const listed = platform?.categories.map(({ dataPoints }) => dataPoints.length) ?? []
  for (const count of counts) expect(listed).toContain(count)
})

test('AutoID’s are the 77 tokens in their categories', async () => {
  const platform = (await listedPlatforms()).find(({ id }) => id === 'autoid')
  const listed = platform?.categories.flatMap(({ name, dataPoints }) => dataPoints.map((point) => [point.name, name]))
  const byName = (a: readonly unknown[], b: readonly unknown[]): number => (String(a) < String(b) ? -1 : 1)
  expect(listed?.toSorted(byName)).toEqual(AUTOID_TOKENS.map(([name, category]) => [name, category]).toSorted(byName))
})

test('each has a description', async () => {
  const points = (await listedPlatforms()).flatMap(({ categories }) =>
    categories.flatMap(({ dataPoints }) => dataPoints),
  )
  expect(points.filter(({ description }) => description.trim() === '')).toEqual([])
})

test('the carrier’s own stand beside them', async () => {
  const own = { name: 'queue_depth', description: 'Callers waiting', example: 7 }
  const platforms = await listedPlatforms({ dataPoints: [own] })
  expect(platforms.flatMap(({ categories }) => categories.flatMap(({ dataPoints }) => dataPoints))).toContainEqual(own)
})
