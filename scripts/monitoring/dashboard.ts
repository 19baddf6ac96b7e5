/**
 * The dashboard as Grafana imports it, made of the table of panels. It asks for a data source when it is imported, and shows
 * one, several or all instances.
 */
import { PANEL_ROWS, type Panel, type PanelRow, type Query } from './panels.ts'

/** The width of Grafana's grid. */
const GRID_COLUMNS = 24

/** Height of a panel, and of a row's heading, in Grafana's units. */
const PANEL_HEIGHT = 8
const HEADING_HEIGHT = 1

const DATA_SOURCE = { type: 'prometheus', uid: '$datasource' }

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
    panels: laidOut(PANEL_ROWS),
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

/** Panels below their rows' headings, each row's sharing the width, at most four beside each other. */
function laidOut(rows: readonly PanelRow[]): readonly object[] {
  const panels: object[] = []
  let y = 0
  for (const { title, panels: own } of rows) {
    panels.push({
      id: panels.length + 1,
      type: 'row',
      title,
      collapsed: false,
      gridPos: { x: 0, y, w: GRID_COLUMNS, h: HEADING_HEIGHT },
      panels: [],
    })
    y += HEADING_HEIGHT
    const perLine = own.length > 4 ? 3 : own.length
    const w = GRID_COLUMNS / perLine
    for (const [index, panel] of own.entries()) {
      const gridPos = {
        x: (index % perLine) * w,
        y: y + Math.floor(index / perLine) * PANEL_HEIGHT,
        w,
        h: PANEL_HEIGHT,
      }
      panels.push({ id: panels.length + 1, gridPos, ...drawn(panel) })
    }
    y += Math.ceil(own.length / perLine) * PANEL_HEIGHT
  }
  return panels
}

function drawn({ title, description, unit, kind, queries }: Panel): object {
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
  return {
    ...common,
    type: 'timeseries',
    options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
    fieldConfig: {
      defaults: { unit, min: 0, custom: { fillOpacity: kind === 'stacked' ? 30 : 0, stacking } },
      overrides: [],
    },
  }
}
