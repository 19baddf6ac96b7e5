/**
 * A copy of the example's folder in which the customers' servers are those of the demo: the example names one address for
 * all, the copy has each customer's own. Side files such as secrets are copied as they are, a store that lies there is not.
 * Gone when it is disposed of, with the copy's own store.
 */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The address that stands in the example, with the path behind it up to a token or query. */
const EXAMPLE_URL = /http:\/\/127\.0\.0\.1:9080(\/[\w/-]*)/g

/** The copied configuration. */
export interface ExampleCopy extends AsyncDisposable {
  readonly configFile: string
}

/** Copies the folder `examples`; `originOf` gives the origin for a path of the example's URLs. */
export async function copyExample(examples: string, originOf: (path: string) => string): Promise<ExampleCopy> {
  const folder = await mkdtemp(join(tmpdir(), 'switchhook-demo-'))
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true })
  try {
    await cp(examples, folder, { recursive: true, filter: (path) => path !== join(examples, 'data') })
    const configFile = join(folder, 'switchhook.yaml')
    const text = await readFile(configFile, 'utf8')
    await writeFile(configFile, withOrigins(text, originOf))
    return { configFile, [Symbol.asyncDispose]: remove }
  } catch (error) {
    await remove()
    throw error
  }
}

/** The example's text with other origins; throws where it names no customer's server at all. */
export function withOrigins(text: string, originOf: (path: string) => string): string {
  if (text.match(EXAMPLE_URL) === null) throw new Error('the example file names no server at http://127.0.0.1:9080')
  return text.replace(EXAMPLE_URL, (_url, path: string) => `${originOf(path)}${path}`)
}
