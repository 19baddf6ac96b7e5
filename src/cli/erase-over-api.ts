/**
 * Erasure by a running engine: asks its API again and again until everything was looked at. Called by `switchhook erase`.
 */
import { formatIssue } from '../config/issues.ts'
import { loadConfigFile } from '../config/load.ts'
import { messageOf, SwitchhookError } from '../errors.ts'
import { type DataPoints, type DataValue, isDataObject } from '../model/data.ts'
import type { ErasureSubject } from '../outbox/erasure.ts'

/** What is erased. */
export interface EraseOrder {
  readonly of: ErasureSubject
  readonly account?: string
  readonly isDryRun: boolean
}

/** How much was erased. */
export interface EraseSums {
  readonly events: number
  readonly deliveries: number
  readonly pending: number
}

/** Where the engine is said to listen; neither: the environment says it. */
export interface EngineAddress {
  readonly url: string | undefined
  /** File of a configuration. */
  readonly config: string | undefined
}

const DEFAULT_URL = 'http://127.0.0.1:8080'

/** Erases; throws with what went wrong in words for people. */
export async function eraseOverApi(order: EraseOrder, address: EngineAddress): Promise<EraseSums> {
  const url = await urlOf(address)
  const { of, account, isDryRun } = order
  const whose = of.kind === 'call' ? { call: of.subject } : { number: of.number }
  const asked = { ...whose, dryRun: isDryRun, ...(account === undefined ? {} : { account }) }
  let sums = { events: 0, deliveries: 0, pending: 0 }
  let cursor: DataValue = null
  do {
    const answer: DataPoints = await post(url, cursor === null ? asked : { ...asked, cursor })
    const { events, deliveries, pending, next } = answer
    sums = {
      events: sums.events + countOf(events),
      deliveries: sums.deliveries + countOf(deliveries),
      pending: sums.pending + countOf(pending),
    }
    cursor = typeof next === 'string' ? next : null
  } while (cursor !== null)
  return sums
}

async function post(url: string, body: object): Promise<DataPoints> {
  const token = process.env['SWITCHHOOK_TOKEN']
  const authorization = token === undefined || token === '' ? {} : { authorization: `Bearer ${token}` }
  const response = await fetch(new URL('v1/erase', url.endsWith('/') ? url : `${url}/`), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...authorization },
    body: JSON.stringify(body),
  }).catch((error: unknown) => {
    const cause = error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error)
    const way = 'a store that no engine uses is named by --path FOLDER'
    throw new SwitchhookError('unavailable', `nobody answers at ${url}: ${cause}; ${way}`, { cause: error })
  })
  const answer = jsonOf(await response.text())
  if (response.ok && answer !== undefined) return answer
  const { title, detail } = answer ?? {}
  const told = [title, detail].filter((text) => typeof text === 'string').join(': ')
  throw new SwitchhookError('unavailable', `${url} answered ${response.status}${told === '' ? '' : `, ${told}`}`, {
    issues: issuesOf(answer?.['errors']),
  })
}

async function urlOf({ url, config }: EngineAddress): Promise<string> {
  if (config !== undefined) return await listenedAt(config)
  const given = url ?? (process.env['SWITCHHOOK_URL'] || DEFAULT_URL)
  if (/^https?:\/\//i.test(given) && URL.canParse(given)) return given
  throw new SwitchhookError('usage', `${JSON.stringify(given)} is no URL such as ${DEFAULT_URL}`)
}

async function listenedAt(file: string): Promise<string> {
  const loaded = await loadConfigFile(file, process.env)
  if (loaded.kind === 'refused') {
    throw new SwitchhookError('config', 'the configuration can not be used', { issues: loaded.issues.map(formatIssue) })
  }
  const { host, port, tls } = loaded.config.listen
  // Whoever listens at every address also does at the machine's own.
  const name = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host
  return `${tls === undefined ? 'http' : 'https'}://${name.includes(':') ? `[${name}]` : name}:${port}`
}

function jsonOf(text: string): DataPoints | undefined {
  try {
    // What JSON can carry is a data value; its shape is looked at by the caller.
    const value = JSON.parse(text) as DataValue
    return isDataObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function issuesOf(errors: DataValue | undefined): readonly string[] {
  if (!Array.isArray(errors)) return []
  return errors.flatMap((each: DataValue) => (isDataObject(each) ? [`${each['path']} ${each['detail']}`] : []))
}

function countOf(value: DataValue | undefined): number {
  return typeof value === 'number' ? value : 0
}
