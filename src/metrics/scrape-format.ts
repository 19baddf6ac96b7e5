/**
 * The two formats of a scrape: the Prometheus text format 0.0.4, and OpenMetrics 1.0, which has exemplars. Series are the same in
 * both, so that a server that changes between them notices nothing. Families are written in the first and brought into the second here.
 */

/** How a client wants its scrape. */
export interface ScrapeFormat {
  readonly isOpenMetrics: boolean
  readonly isCompressed: boolean
}

/** The plainest one, which every client reads. */
export const PLAIN: ScrapeFormat = { isOpenMetrics: false, isCompressed: false }

/** What a client accepts by its fields `accept` and `accept-encoding` (RFC 9110, section 12.5), empty where they are absent. */
export function formatFor(accept: string, acceptEncoding: string): ScrapeFormat {
  return {
    isOpenMetrics: isWanted(accept, 'application/openmetrics-text'),
    isCompressed: isWanted(acceptEncoding, 'gzip'),
  }
}

/** The `content-type` of a format. */
export function contentTypeOf({ isOpenMetrics }: ScrapeFormat): string {
  return isOpenMetrics
    ? 'application/openmetrics-text; version=1.0.0; charset=utf-8'
    : 'text/plain; version=0.0.4; charset=utf-8'
}

/**
 * Text of the Prometheus format as OpenMetrics: counters' families are named without `_total`, there are no empty lines, a value
 * that is none is `NaN`, and the end is marked.
 */
export function asOpenMetrics(text: string): string {
  return `${text
    .replaceAll(/^# HELP (\S+)_total (.*)\n# TYPE \1_total counter$/gm, '# HELP $1 $2\n# TYPE $1 counter')
    .replaceAll(/ Nan$/gm, ' NaN')
    .replaceAll(/\n{2,}/g, '\n')}# EOF\n`
}

/** Whether a list names something, and not with the weight 0. */
function isWanted(list: string, name: string): boolean {
  return list
    .toLowerCase()
    .split(',')
    .some((item) => {
      const [value = '', ...parameters] = item.split(';').map((part) => part.trim())
      return value === name && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))
    })
}
