/**
 * The long part of a scrape: the families of a thousand webhooks are some megabytes of text. Made from counts in shared memory, so
 * that another thread can do it; where there is none, here in slices. Used by the metrics and by the thread.
 */
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { blockFamilies } from './block-families.ts'
import { Blocks } from './blocks.ts'
import { BoundedLabels } from './bounded-labels.ts'
import { type EndpointNumbers, endpointFamily } from './endpoint-latencies.ts'
import type { ExemplarMap } from './exemplars.ts'
import { joinInSlices } from './exposition.ts'
import { WEBHOOK_LIMIT } from './layout.ts'
import { asOpenMetrics, type ScrapeFormat } from './scrape-format.ts'

/** A scrape as it is asked for; can be handed to another thread. */
export interface ScrapeRequest {
  /** Of all threads, those that have ended included. */
  readonly blocks: readonly SharedArrayBuffer[]
  /** Names of webhooks by row. */
  readonly webhooks: readonly string[]
  readonly exemplars: ExemplarMap
  readonly endpoints: EndpointNumbers
  /** All other families, in the Prometheus text format. */
  readonly rest: string
  readonly format: ScrapeFormat
}

/** Who makes the text of a scrape. */
export interface ScrapeRenderer {
  /** The whole scrape, encoded as its format says. */
  render(request: ScrapeRequest): Promise<Uint8Array>
}

const compress = promisify(gzip)

/** Fast rather than small: text of this kind becomes a twentieth either way. */
const COMPRESSION_LEVEL = 1

/** Makes a scrape in the thread that asks, a millisecond at a time. */
export async function renderScrape(request: ScrapeRequest): Promise<Uint8Array> {
  const { blocks, webhooks, exemplars, endpoints, rest, format } = request
  const counted = new Blocks(blocks)
  const labels = new BoundedLabels(WEBHOOK_LIMIT)
  for (const webhook of webhooks) labels.rowOf(webhook)
  const shown = format.isOpenMetrics ? exemplars : new Map()
  const families = [blockFamilies(counted, labels, shown), endpointFamily(endpoints)]
  const texts = await Promise.all(families.map((family) => joinInSlices(family)))
  const text = `${texts.join('')}${rest}`
  const bytes = Buffer.from(format.isOpenMetrics ? asOpenMetrics(text) : text)
  return format.isCompressed ? await compress(bytes, { level: COMPRESSION_LEVEL }) : bytes
}
