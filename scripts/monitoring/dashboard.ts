/**
 * The dashboard as Grafana imports it, made of the table of panels. It asks for a data source when it is imported, and shows
 * one, several or all instances.
 */
import { laidOut, type Placed } from './layout.ts'
import { type Limit, PANEL_ROWS, type Panel, type Query } from './panels.ts'

const DATA_SOURCE = { type: 'prometheus', uid: '$datasource' }

/** How limits are drawn. */
const DASHED = { thresholdsStyle: { mode: 'dashed' } }

/** A query as PromQL for Prometheus itself: of one or more instances, its rates over `window`. */
export function promQl({ expr }: Query, instances: string, window: string): string {
  return expr
    .replaceAll('$window', window)
    .replaceAll('{}', `{instance=~"${instances}"}`)
    .replaceAll(/(?<=switchhook_\w+)\{(?!instance)/g, `{instance=~"${instances}",`)
}

/** The dashboard's JSON. */
export function dashboard(): object {
  return {
    uid: 'switchhook',
    title: 'Switchhook',
    description: 'Written by `npm run deploy-files` from scripts/monitoring: change it there.',
    tags: ['switchhook'],
    schemaVersion: 39,
    editable: true,
    graphTooltip: 1,
    refresh: '30s',
    time: { from: 'now-3h', to: 'now' },
    templating: { list: [dataSourceVariable(), instanceVariable()] },
    panels: laidOut(PANEL_ROWS).map((placed, index) => gridded(placed, index + 1)),
  }
}

function dataSourceVariable(): object {
  return { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus', current: {} }
}

function instanceVariable(): object {
  return {
    name: 'instance',
    label: 'Instance',
    type: 'query',
    datasource: DATA_SOURCE,
    query: { query: 'label_values(switchhook_build_info, instance)', refId: 'instance' },
    refresh: 2,
    multi: true,
    includeAll: true,
    allValue: '.*',
    current: { text: ['All'], value: ['$__all'] },
  }
}

/** A heading or a panel as Grafana has it. */
function gridded(placed: Placed, id: number): object {
  const gridPos = placed.place
  if (placed.kind === 'panel') return { id, gridPos, ...drawn(placed.panel) }
  return { id, type: 'row', title: placed.title, collapsed: false, gridPos, panels: [] }
}

function drawn({ title, description, unit, kind, queries, limits = [] }: Panel): object {
  const targets = queries.map((query, index) => ({
    refId: String.fromCharCode('A'.charCodeAt(0) + index),
    datasource: DATA_SOURCE,
    expr: promQl(query, '$instance', '$__rate_interval'),
    legendFormat: query.legend,
    instant: kind === 'list',
    range: kind !== 'list',
  }))
  const common = { title, description, datasource: DATA_SOURCE, targets }
  if (kind === 'list') {
    return {
      ...common,
      type: 'bargauge',
      options: { orientation: 'horizontal', displayMode: 'basic', reduceOptions: { calcs: ['lastNotNull'] } },
      fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    }
  }
  const stacking = kind === 'stacked' ? { mode: 'normal', group: 'A' } : { mode: 'none' }
  const custom = { fillOpacity: kind === 'stacked' ? 30 : 0, stacking, ...(limits.length > 0 && DASHED) }
  return {
    ...common,
    type: 'timeseries',
    options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
    fieldConfig: {
      defaults: { unit, min: 0, custom, ...(limits.length > 0 && { thresholds: thresholds(limits) }) },
      overrides: [],
    },
  }
}

/** Limits as lines; what lies below the first has no colour. */
function thresholds(limits: readonly Limit[]): object {
  const steps = limits.map(({ value }) => ({ color: 'red', value })).sort((a, b) => a.value - b.value)
  return { mode: 'absolute', steps: [{ color: 'transparent', value: null }, ...steps] }
}
