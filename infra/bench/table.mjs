// `node infra/bench/table.mjs < figures.jsonl`: the figures of `npm run bench -- NAME --json` as a Markdown table.
import { createInterface } from 'node:readline';

/** @param {number} value */
const number = (value) => (Math.abs(value) >= 1000 ? Math.round(value).toString() : value.toPrecision(3));

/** @param {import('./src/figure.js').Figure} figure */
function row({ name, value, unit, peer, ratio, spread, bar, holds }) {
  const verdict = holds === null ? '' : holds ? 'holds' : '**missed**';
  // A unit of many words says why there is no figure.
  const measured = peer === null && value === 0 ? unit : `${number(value)} ± ${number(spread)} ${unit}`;
  return [
    `\`${name}\``,
    measured,
    peer === null ? '' : number(peer),
    ratio?.toFixed(2) ?? '',
    bar ?? '',
    verdict,
  ];
}

const rows = [
  ['figure', 'Vitrine', 'peer', 'ratio', 'bar', ''],
  ['---', '---', '---', '---', '---', '---'],
];
for await (const line of createInterface({ input: process.stdin })) rows.push(row(JSON.parse(line)));
process.stdout.write(`${rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`);
