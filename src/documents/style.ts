import { Html } from './html.ts'

/** The style sheet of pages. It fetches nothing. Colours follow the reader's light or dark mode. */
export const STYLE = new Html(`
:root {
  color-scheme: light dark;
  --paper: light-dark(#ffffff, #14171c);
  --ink: light-dark(#1b1f24, #e4e7eb);
  --quiet: light-dark(#59636e, #9aa4af);
  --line: light-dark(#d5dae0, #343b44);
  --panel: light-dark(#f4f6f8, #1c2128);
  --accent: light-dark(#0a5cad, #6cb6ff);
  --band: light-dark(#0a5cad1c, #6cb6ff26);
  --better: light-dark(#116329, #57c779);
  --worse: light-dark(#a1260d, #ff9580);
}
* { box-sizing: border-box }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 76rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: break-word }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem }
h3, figcaption { font-size: 1rem; font-weight: 600; margin: 1.25rem 0 .25rem }
p, ul, dl { max-width: 46rem; margin: .5rem 0 }
.quiet, caption, dd { color: var(--quiet) }
.note { border-left: .25rem solid var(--accent); background: var(--panel); padding: .5rem .75rem }
.scroll { overflow-x: auto; margin: .5rem 0 }
table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums }
caption { text-align: left; padding: .25rem 0 }
th, td { padding: .3rem .75rem .3rem 0; text-align: right; vertical-align: top; border-bottom: 1px solid var(--line) }
th { font-weight: 600 }
th:first-child { text-align: left; position: sticky; left: 0; background: var(--paper) }
tbody th { font-weight: 400; min-width: 7rem }
td { white-space: nowrap }
td small { display: block; color: var(--quiet) }
td.words, th.words { text-align: left; white-space: normal }
td.words { min-width: 12rem }
tr.reference th, tr.reference td { font-weight: 700; background: var(--panel) }
.better { color: var(--better) }
.worse { color: var(--worse) }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 0 2.5rem }
figure { margin: 0 }
.row { display: grid; grid-template-columns: 10.5rem 1fr 3.5rem; gap: .75rem; align-items: center; font-size: .875rem }
.row .name { text-align: right }
.row .value { font-variant-numeric: tabular-nums }
.row.reference { font-weight: 700 }
.track { width: 100%; height: 1.6rem; overflow: visible; display: block }
.grid { stroke: var(--line) }
.band { fill: var(--band) }
.whisker { stroke: var(--quiet); stroke-width: 2 }
circle { fill: var(--paper); stroke: var(--accent); stroke-width: 2 }
.reference .whisker { stroke: var(--accent) }
.reference circle { fill: var(--accent) }
.axis text { fill: var(--quiet); font-size: .75rem; text-anchor: middle }
.chart { display: block; overflow: visible; width: calc(100% - 5rem); max-width: 46rem; height: 16rem; margin: 1rem 1rem 2.5rem 4rem }
.chart text { fill: var(--quiet); font-size: .75rem; text-anchor: middle }
.chart .ordinate { text-anchor: end }
.curve { stroke: var(--accent); stroke-width: 2 }
.level { stroke: var(--quiet); stroke-width: 1.5; stroke-dasharray: 6 4 }
dt { font-weight: 600; margin-top: .5rem }
dd { margin: 0 }
summary { cursor: pointer; padding: .25rem 0 }
@media (max-width: 36rem) {
  .row { grid-template-columns: 1fr 3.5rem; gap: 0 .5rem; margin-top: .4rem }
  .row .name { text-align: left; grid-column: 1 / -1 }
  .row.axis span:first-child { display: none }
}
@media print { .scroll { overflow: visible } }
`)
