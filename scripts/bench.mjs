// `npm run bench -- <name> [--json]`: measures Strata, and its peers where there are any, and holds the rows to their
// targets. Benchmarks are test/bench/<name>.ts and export `run(): Promise<Row[]>`; they are no part of `npm test`.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './setup/build.mjs';
import { continueUnderProjectNode } from './setup/node.mjs';
import { ensurePackages } from './setup/packages.mjs';
import { complain, openLog } from './setup/phase.mjs';
import { root, SetupError } from './setup/project.mjs';

const folder = join(root, 'test', 'bench');
const log = openLog('bench');
try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false }, 'no-build': { type: 'boolean', default: false } },
  });
  const [name] = positionals;
  if (name === undefined) {
    console.log(
      `npm run bench -- <name> [--json]\n\n${names()
        .map((one) => `  ${one}`)
        .join('\n')}`,
    );
    process.exitCode = 2;
  } else {
    process.exitCode = await bench(name, values);
  }
} catch (error) {
  complain(error, log);
  process.exitCode = 1;
}

async function bench(name, { json, 'no-build': built }) {
  if (!names().includes(name))
    throw new SetupError(`There is no benchmark ${name}.`, `There are: ${names().join(', ')}.`);
  await ensurePackages(log);
  await continueUnderProjectNode();
  if (!built) await build(log);
  const { run } = await import(join(folder, `${name}.ts`));
  const rows = await run();
  console.log(table(rows));
  if (json) console.log(JSON.stringify({ bench: name, rows }));
  return rows.length > 0 && rows.every(({ ok }) => ok) ? 0 : 1;
}

/** A file that exports no `run` of its own lies in a folder beside the benchmarks. */
function names() {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -'.ts'.length))
    .sort();
}

function table(rows) {
  const cells = [
    ['', 'what', 'value', 'unit', 'target'],
    ...rows.map(({ what, value, unit, target, ok }) => [
      ok ? '✔' : '✖',
      what,
      format(value),
      unit,
      target ?? '',
    ]),
  ];
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => String(row[column]).length)));
  const numbers = new Set([2]);
  return cells
    .map((row) =>
      row
        .map((cell, column) =>
          numbers.has(column) ? String(cell).padStart(widths[column]) : String(cell).padEnd(widths[column]),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function format(value) {
  if (typeof value !== 'number') return value;
  return value >= 100 || Number.isInteger(value) ? value.toFixed(0) : value.toPrecision(3);
}
