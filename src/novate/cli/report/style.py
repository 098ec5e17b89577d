"""The style sheet of the report: light or dark as the reader likes, A4 on paper."""

from typing import Final

STYLE: Final = """
:root {
  color-scheme: light dark;
  --paper: #ffffff; --panel: #f6f7f9; --ink: #1b1e23; --muted: #59616d; --grid: #d8dce2;
  --gain: #14806a; --loss: #c24d2c; --first: #2a5db0; --second: #b7791f;
  --font: system-ui, -apple-system, "Segoe UI", "Helvetica Neue", Arial, "DejaVu Sans", sans-serif;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15181d; --panel: #1d2127; --ink: #e6e9ee; --muted: #9ba4b0; --grid: #343b45;
    --gain: #4fc4aa; --loss: #f0845f; --first: #86b4ff; --second: #e5b45c;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 var(--font); }
main { max-width: 59rem; margin: 0 auto; padding: 2rem 1.25rem 3rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.3rem; margin: 2.5rem 0 .5rem; padding-top: .75rem;
  border-top: 2px solid var(--ink); }
h3 { font-size: 1rem; margin: 1.75rem 0 .5rem; }
p { margin: .25rem 0 .75rem; }
.sub, figcaption, .note { color: var(--muted); font-size: .87rem; }
.tiles { display: grid; grid-template-columns: repeat(3, 1fr); gap: .75rem; margin: 1.25rem 0; }
.tile { background: var(--panel); border: 1px solid var(--grid); border-radius: .4rem;
  padding: .6rem .75rem; }
.tile b { display: block; font-size: 1.12rem; font-variant-numeric: tabular-nums; }
.tile span { color: var(--muted); font-size: .82rem; }
.tile small { color: var(--muted); font-weight: 400; font-size: .78rem; }
.good { color: var(--gain); } .bad { color: var(--loss); }
figure { margin: .5rem 0 1.25rem; break-inside: avoid; }
figure svg { display: block; width: 100%; height: auto; }
svg * { stroke-linejoin: round; stroke-linecap: butt; font-family: var(--font); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .84rem;
  font-variant-numeric: tabular-nums; }
th, td { padding: .28rem .5rem; text-align: right; border-bottom: 1px solid var(--grid);
  white-space: nowrap; }
th { color: var(--muted); font-weight: 600; vertical-align: bottom; white-space: normal;
  line-height: 1.25; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
th.words, td.words { text-align: left; white-space: normal; }
tr.total td { font-weight: 650; border-top: 1.5px solid var(--ink); }
tr.marked td { font-weight: 650; }
ul { padding-left: 1.1rem; margin: .25rem 0; color: var(--muted); font-size: .87rem; }
@media (max-width: 40rem) { .tiles { grid-template-columns: repeat(2, 1fr); } }
@page { size: A4; margin: 14mm 13mm; }
@media print {
  :root {
    color-scheme: light;
    --paper: #ffffff; --panel: #ffffff; --ink: #000000; --muted: #444b55; --grid: #cfd4da;
    --gain: #0f6e5b; --loss: #b3431f; --first: #1f4e9c; --second: #9a6412;
  }
  body { font-size: 9pt; line-height: 1.4; }
  main { max-width: none; padding: 0; }
  h2 { break-before: page; margin-top: 0; border-top: 0; }
  h3 { break-after: avoid; margin: 1rem 0 .3rem; }
  figure { margin: .3rem 0 .7rem; }
  .sub, figcaption, .note, .tile span, .tile small, ul { font-size: 8pt; }
  table { font-size: 7.5pt; }
  th, td { padding: .14rem .3rem; }
  tr { break-inside: avoid; }
  thead { display: table-header-group; }
  .scroll { overflow: visible; }
  .tile, svg rect, svg path { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""
