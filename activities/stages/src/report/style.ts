/**
 * Colours are pairs of light and dark with a contrast of at least 4.5 for text and 3 for marks, on panel and canvas.
 * The eight series colours keep apart under the common kinds of colour blindness.
 */
export const STYLE = `
:root {
  color-scheme: light dark;
  --canvas: #f6f7f9; --panel: #ffffff; --sunken: #eceef2;
  --text: #14181f; --second: #47505e; --third: #5c6675;
  --line: #d6dbe2; --accent: #0a58b0; --heat: 10 88 176; --heat-most: 0.6;
  --warn: #8f4a00; --warn-tint: #fbeedd; --good: #1a6333; --good-tint: #e2f3e6;
  --c0: #09248a; --c1: #a28700; --c2: #7b2100; --c3: #02766c; --c4: #4b1739; --c5: #824fbf; --c6: #3998a8; --c7: #9e4c03;
}
@media (prefers-color-scheme: dark) {
  :root {
    --canvas: #0f1216; --panel: #171b21; --sunken: #0a0c0f;
    --text: #e9edf2; --second: #b2bbc7; --third: #949fad;
    --line: #2a313a; --accent: #6fb3ff; --heat: 111 179 255; --heat-most: 0.5;
    --warn: #f3b061; --warn-tint: #38260f; --good: #7fd69a; --good-tint: #13301d;
    --c0: #6889f9; --c1: #d2ed5d; --c2: #ad4b4b; --c3: #39fee9; --c4: #b58194; --c5: #7d5aad; --c6: #8ebee0; --c7: #e26b1b;
  }
}
@media print {
  :root {
    --canvas: #ffffff; --panel: #ffffff; --sunken: #f3f4f6; --text: #14181f; --second: #47505e; --third: #5c6675;
    --line: #d6dbe2; --accent: #0a58b0; --heat: 10 88 176; --heat-most: 0.6; --warn: #8f4a00; --warn-tint: #fbeedd; --good: #1a6333; --good-tint: #e2f3e6;
    --c0: #09248a; --c1: #a28700; --c2: #7b2100; --c3: #02766c; --c4: #4b1739; --c5: #824fbf; --c6: #3998a8; --c7: #9e4c03;
  }
  body { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  nav, details:not([open]) { display: none; }
  section, .card, .example, .chart, .matrix, tbody { break-inside: avoid; }
  .scroll { overflow: visible; }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--canvas); color: var(--text);
  font: 400 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  -webkit-text-size-adjust: 100%;
}
header, main, footer { max-width: 1180px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 32px; }
h1 { font-size: 28px; line-height: 1.2; font-weight: 600; margin: 0; letter-spacing: -0.01em; }
h2 { font-size: 20px; line-height: 1.3; font-weight: 600; margin: 0 0 4px; }
h3 { font-size: 15px; line-height: 1.4; font-weight: 600; margin: 24px 0 8px; }
p { margin: 0; }
code, pre { font: 0.92em/1.5 ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
a { color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
.run { color: var(--second); margin-top: 6px; overflow-wrap: anywhere; }
.headline { max-width: 75ch; margin-top: 14px; font-size: 16px; }
.note { color: var(--second); max-width: 85ch; margin: 0 0 12px; font-size: 14px; }
nav { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 20px 0 0; padding: 10px 0; border-bottom: 1px solid var(--line); }
nav a { text-decoration: none; padding: 4px 0; }
nav a:hover { text-decoration: underline; }
section { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: 20px 24px 24px; margin-top: 20px; }
footer { color: var(--third); font-size: 13px; padding-top: 20px; padding-bottom: 40px; }
.cards { list-style: none; display: grid; grid-template-columns: repeat(auto-fit, minmax(230px, 1fr)); gap: 12px; margin: 20px 0 0; padding: 0; }
.card { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: 14px 18px 16px; }
.card h2 { margin: 0; font-size: 15px; }
.card .figure { font-size: 30px; line-height: 1.25; font-weight: 600; font-variant-numeric: tabular-nums; }
.card p:not(.figure) { color: var(--second); font-size: 13px; }
.key { display: inline-block; width: 18px; height: 0; border-top: 2.5px solid var(--colour); vertical-align: middle; margin-right: 7px; }
.key.dashed { border-top-style: dashed; }
.key.block { width: 11px; height: 11px; border: 0; background: var(--colour); border-radius: 3px; vertical-align: -1px; }
.s0 { --colour: var(--c0); } .s1 { --colour: var(--c1); } .s2 { --colour: var(--c2); } .s3 { --colour: var(--c3); }
.s4 { --colour: var(--c4); } .s5 { --colour: var(--c5); } .s6 { --colour: var(--c6); } .s7 { --colour: var(--c7); }
.scroll { overflow-x: auto; }
.scroll + .scroll, .scroll + .charts, .charts + .scroll, .scroll + .note { margin-top: 24px; }
table { border-collapse: collapse; width: 100%; font-size: 13px; line-height: 20px; }
th, td { text-align: left; padding: 5px 16px 5px 0; vertical-align: top; font-weight: 400; }
thead th { color: var(--third); border-bottom: 1px solid var(--line); vertical-align: bottom; white-space: nowrap; }
tbody tr + tr > * { border-top: 1px solid var(--line); }
th[scope="row"] { font-weight: 500; white-space: nowrap; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
th:last-child, td:last-child { padding-right: 0; }
.source { min-width: 220px; color: var(--second); }
.quoted th[scope="row"] { white-space: normal; min-width: 120px; }
.accuracy tbody tr > * { border-top: 0; vertical-align: middle; }
.accuracy th[scope="rowgroup"] { font-weight: 600; padding-top: 16px; border-bottom: 1px solid var(--line); }
.accuracy .bars { width: 46%; min-width: 170px; }
.axis { display: flex; justify-content: space-between; }
.bar { position: relative; display: block; height: 14px; background: var(--sunken); border-radius: 3px; }
.bar .fill { position: absolute; inset: 0 auto 0 0; background: var(--colour); opacity: 0.72; border-radius: 3px 0 0 3px; }
.bar .whisker { position: absolute; top: 1px; height: 12px; border: solid var(--text); border-width: 0 1.5px; }
.bar .whisker::after { content: ""; position: absolute; left: 0; right: 0; top: 5.25px; border-top: 1.5px solid var(--text); }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 330px), 1fr)); gap: 20px 28px; }
.chart { margin: 0; max-width: 480px; min-width: 0; }
.chart figcaption { font-size: 13px; font-weight: 500; margin-bottom: 4px; }
.chart svg { display: block; width: 100%; height: auto; overflow: visible; }
.chart text { font: 11px system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif; fill: var(--third); font-variant-numeric: tabular-nums; }
.grid { stroke: var(--line); stroke-width: 1; }
.tick { stroke: var(--third); stroke-width: 1; }
.series polyline { fill: none; stroke: var(--colour); stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round; }
.series polyline.raw { stroke-width: 1; opacity: 0.28; }
.series.dashed polyline { stroke-dasharray: 6 3; }
.series circle { fill: var(--colour); }
line.threshold { stroke: var(--third); stroke-width: 1; stroke-dasharray: 4 3; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 2px 18px; margin: 4px 0 0; padding: 0; font-size: 13px; }
.legend .last { color: var(--third); font-variant-numeric: tabular-nums; margin-left: 4px; }
details { font-size: 13px; color: var(--second); margin-top: 8px; }
summary { cursor: pointer; padding: 2px 0; }
details table { width: auto; margin: 4px 0 8px; }
details pre { margin: 4px 0 8px; padding: 12px; background: var(--sunken); border-radius: 4px; overflow-x: auto; color: var(--text); }
.matrices { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 349px), 1fr)); gap: 12px; }
.matrix { min-width: 0; }
.confusion { width: auto; font-size: 12px; line-height: 16px; border-collapse: separate; border-spacing: 1px; }
.confusion th, .confusion td { padding: 0; border: 0 !important; }
.confusion td { width: 26px; min-width: 26px; height: 26px; text-align: center; vertical-align: middle; font-variant-numeric: tabular-nums; background: rgb(var(--heat) / calc(var(--share) * var(--heat-most))); border-radius: 2px; }
.confusion td.right { outline: 1px solid var(--third); outline-offset: -1px; }
.confusion .zero { color: var(--third); }
.confusion thead th { height: 76px; vertical-align: bottom; position: relative; }
.confusion thead th > span:not(.unseen) { position: absolute; bottom: 4px; left: 50%; transform: rotate(-55deg); transform-origin: 0 100%; }
.confusion thead th:last-child { padding-right: 0; }
.confusion th[scope="row"] { text-align: right; padding-right: 8px; vertical-align: middle; color: var(--second); font-weight: 400; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 230px), 1fr)); gap: 10px 24px; margin: 0 0 16px; }
.facts dt { color: var(--third); font-size: 13px; }
.facts dd { margin: 0; font-size: 18px; line-height: 1.4; font-weight: 500; font-variant-numeric: tabular-nums; }
.examples { list-style: none; display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 248px), 1fr)); gap: 22px 20px; margin: 0 0 28px; padding: 0; }
.samples { list-style: none; display: flex; flex-wrap: wrap; gap: 20px 28px; margin: 20px 0 12px; padding: 0; }
.samples figure { margin: 0; }
.samples img { display: block; image-rendering: pixelated; border-radius: 4px; background: var(--sunken); }
.samples figcaption { color: var(--third); font-size: 12px; }
.pictures { display: grid; grid-template-columns: repeat(3, minmax(0, 80px)); gap: 8px; }
.pictures figure { margin: 0; }
.pictures img { display: block; width: 100%; height: auto; aspect-ratio: 1; image-rendering: pixelated; border-radius: 4px; background: var(--sunken); }
.pictures figcaption { color: var(--third); font-size: 12px; }
.explained { list-style: none; margin: 0; padding: 0; }
.explained .pictures { grid-template-columns: repeat(auto-fill, 112px); margin-bottom: 12px; }
.explained .pictures figcaption { line-height: 16px; overflow-wrap: anywhere; }
.strip figure, figure.strip { margin: 0 0 12px; max-width: 420px; }
.strip img { display: block; width: 100%; height: auto; image-rendering: pixelated; border-radius: 4px; }
.strip figcaption, .compared figcaption { color: var(--third); font-size: 12px; overflow-wrap: anywhere; }
.compared { display: grid; grid-template-columns: repeat(auto-fill, minmax(112px, 1fr)); gap: 12px; margin-bottom: 12px; }
.compared figure { margin: 0; min-width: 0; }
.compared img { display: block; width: 100%; height: auto; aspect-ratio: 1; image-rendering: pixelated; border-radius: 4px; background: var(--sunken); margin-bottom: 4px; }
h4 { font-size: 13px; line-height: 1.4; font-weight: 600; margin: 20px 0 6px; color: var(--second); }
.truth { font-weight: 600; margin-top: 4px; }
.answers { display: grid; grid-template-columns: max-content 1fr; column-gap: 12px; margin: 0; font-size: 13px; line-height: 19px; }
.answers div { display: contents; }
.answers dt { color: var(--third); }
.answers dd { margin: 0; }
.share { color: var(--third); font-variant-numeric: tabular-nums; }
.mark { color: var(--warn); background: var(--warn-tint); border-radius: 3px; padding: 0 5px; font-size: 12px; font-weight: 500; }
.overview td { white-space: nowrap; }
.differs { display: block; color: var(--third); font-size: 12px; font-weight: 400; white-space: normal; }
td .differs { white-space: nowrap; }
.outcome { border-radius: 3px; padding: 0 5px; font-size: 12px; font-weight: 500; margin-right: 4px; }
.outcome.better { color: var(--good); background: var(--good-tint); }
.outcome.worse { color: var(--warn); background: var(--warn-tint); }
.outcome.open { color: var(--third); }
.verdict { max-width: 100ch; margin: 0 0 12px; padding-left: 18px; font-size: 14px; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 600px) {
  header, main, footer { padding-left: 16px; padding-right: 16px; }
  section { padding: 16px 14px 18px; border-radius: 6px; }
  h1 { font-size: 24px; }
  th, td { padding-right: 12px; }
  .accuracy .bars { width: 30%; min-width: 96px; }
}
`;
