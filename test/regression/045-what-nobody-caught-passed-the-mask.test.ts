/** What nobody caught was written to stderr by Node as it was: with secrets, whole URLs and telephone numbers. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ServeProcess, testFolder } from '../e2e/serve-process.ts'

const SECRET = 'a-secret-that-is-planted'

test.each([
  ['an error', 'throw new Error(text)'],
  ['a promise that rejects', 'Promise.reject(new Error(text))'],
  ['a bare text', 'throw text'],
])(
  '%s ends the process with a masked line',
  async (_name, code) => {
    const folder = await testFolder()
    const file = join(folder, 'switchhook.yaml')
    const breaking = join(folder, 'breaking.mjs')
    const text = `${SECRET} http://u:p@h/x?k=v 5551234567`
    await writeFile(breaking, `process.on('SIGUSR2', () => { const text = ${JSON.stringify(text)}; ${code} })`)
    await writeFile(
      file,
      'store: { engine: memory }\nworkers: 0\nauth: { tokens: [ { name: a, secret: { env: PLANTED }, may: [read] } ] }\n',
    )
    const server = await ServeProcess.start(file, { PLANTED: SECRET, NODE_OPTIONS: `--import ${breaking}` })
    server.signal('SIGUSR2')
    const message = 'something is broken, and the process ends: [masked] http://[masked]@h/x?[masked] ***67'
    expect(await server.untilLogged(message)).toMatchObject({ level: 50 })
    expect(JSON.stringify(server.logged)).not.toMatch(/planted|5551234567|u:p/)
  },
  120_000,
)
