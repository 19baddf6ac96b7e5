/**
 * How the picture looks: a style sheet for light and for dark pages, which whoever shows the picture chooses by its own theme.
 * Colours of series are told apart by those who see few (Okabe and Ito's, lighter where the page is dark).
 */

/** How many series have a colour of their own. */
export const SERIES_COLOURS = 8

/** Sizes of letters in pixels, and about how wide one is. */
const TEXT_SIZE = 11
export const CHARACTER_WIDTH = 6.1

const LIGHT = {
  page: '#ffffff',
  panel: '#f6f8fa',
  edge: '#d8dee4',
  text: '#1f2328',
  muted: '#59636e',
  grid: '#e1e6eb',
  trouble: '#d1242f',
  series: ['#0072b2', '#d55e00', '#009e73', '#b8479a', '#8a6d00', '#3a9bdc', '#6f42c1', '#57606a'],
}

const DARK: typeof LIGHT = {
  page: '#0d1117',
  panel: '#151b23',
  edge: '#30363d',
  text: '#e6edf3',
  muted: '#9198a1',
  grid: '#272d35',
  trouble: '#ff7b72',
  series: ['#58a6ff', '#ff9b57', '#3fd09b', '#f08cd0', '#e3c04b', '#8fd3ff', '#b99cff', '#a3abb4'],
}

/** The style sheet. */
export function styleSheet(): string {
  return [
    `text{font-family:ui-sans-serif,system-ui,"Segoe UI","DejaVu Sans",sans-serif;font-size:${TEXT_SIZE}px}`,
    '.head{font-size:20px;font-weight:600}.row{font-size:14px;font-weight:600}.title{font-size:12px;font-weight:600}',
    '.end{text-anchor:end}.middle{text-anchor:middle}',
    '.line{fill:none;stroke-width:1.6;stroke-linejoin:round}.area{stroke:none;fill-opacity:.55}',
    '.limit{stroke-width:1.2;stroke-dasharray:5 3}.moment{stroke-width:1;stroke-dasharray:1 3}.trouble{fill-opacity:.09}',
    colours(LIGHT),
    `@media (prefers-color-scheme:dark){${colours(DARK)}}`,
  ].join('')
}

function colours({ page, panel, edge, text, muted, grid, trouble, series }: typeof LIGHT): string {
  return [
    `.page{fill:${page}}.panel{fill:${panel};stroke:${edge}}.grid{stroke:${grid}}`,
    `.head,.row,.title,.value{fill:${text}}.muted{fill:${muted}}`,
    `.limit,.moment{stroke:${trouble}}.moment{stroke:${muted}}.trouble,.limit-text{fill:${trouble}}`,
    ...series.map((colour, index) => `.s${index}{stroke:${colour}}.f${index}{fill:${colour}}`),
  ].join('')
}
