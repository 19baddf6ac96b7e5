/**
 * An empty file is a complete configuration. One that a full disk or an interrupted copy had emptied took the place of the one
 * that ran: all deliveries that waited became dead letters, and without tokens whoever was on the machine could do everything.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { reloadMistake } from '../../src/config/next-start.ts'
import { load } from '../config/check.ts'
import { ServeProcess, testFolder } from '../e2e/serve-process.ts'

const TOKEN = 'auth: { tokens: [ { name: a, secret: { env: TOKEN }, may: [read] } ] }\n'
const WEBHOOK = "webhooks: [ { id: w, profile: custom, on: [call.end], url: 'https://a.example' } ]\n"
const TEMPLATE = "templates: [ { id: t, type: json, format: '{}' } ]\n"

test.each([
  [TOKEN + WEBHOOK, '', /^auth\.tokens: /],
  [TOKEN + WEBHOOK, WEBHOOK, /^auth\.tokens: /],
  [WEBHOOK, '', /^webhooks: /],
  [WEBHOOK, 'store: { engine: memory }\n', /^webhooks: /],
])('%j may not become %j', (running, next, mistake) => {
  expect(reloadMistake(load(running), load(next))).toMatch(mistake)
})

test.each([
  [WEBHOOK, TOKEN + WEBHOOK],
  [TOKEN + WEBHOOK, TOKEN + WEBHOOK],
  [WEBHOOK, TEMPLATE],
  ['', ''],
])('%j may become %j', (running, next) => {
  expect(reloadMistake(load(running), load(next))).toBeUndefined()
})

test('the one that runs goes on, and the log says why', async () => {
  const file = join(await testFolder(), 'switchhook.yaml')
  await writeFile(file, `store: { engine: memory }\nworkers: 0\n${WEBHOOK}`)
  const server = await ServeProcess.start(file)
  await writeFile(file, '')
  const { issues } = await server.untilLogged('the configuration was refused: the one before goes on')
  expect(issues).toEqual([expect.stringMatching(/^webhooks: all webhooks are gone/)])
  expect((await server.get('/v1/stats')).json).toMatchObject({ webhooks: 1 })
})
