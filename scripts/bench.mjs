// `npm run bench -- <name> [--json] [--size <n>] [--only <part>]`: measures Strata, and its peers where there are any, and holds the rows to their
// targets. Benchmarks are test/bench/<name>.ts and export `run(): Promise<Row[]>`; they are no part of `npm test`.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './setup/build.mjs';
import { continueUnderProjectNode } from './setup/node.mjs';
import { ensurePackages } from './setup/packages.mjs';
import { complain, openLog } from './setup/phase.mjs';
import { cache, root, SetupError } from './setup/project.mjs';
import { mustRun } from './setup/run.mjs';

const folder = join(root, 'test', 'bench');
const log = openLog('bench');
try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      'no-build': { type: 'boolean', default: false },
      size: { type: 'string' },
      only: { type: 'string' },
    },
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

async function bench(name, { json, 'no-build': built, size, only }) {
  if (!names().includes(name))
    throw new SetupError(`There is no benchmark ${name}.`, `There are: ${names().join(', ')}.`);
  await ensurePackages(log);
  await continueUnderProjectNode();
  if (!built) await build(log);
  const { run } = await import(join(folder, `${name}.ts`));
  const sized = size === undefined ? {} : { size: Number(size) };
  const rows = await run({ ...(await peersOf(name)), ...sized, ...(only === undefined ? {} : { only }) });
  console.log(table(rows));
  if (json) console.log(JSON.stringify({ bench: name, rows }));
  return rows.length > 0 && rows.every(({ ok }) => ok) ? 0 : 1;
}

/**
 * The packages that a benchmark compares with are no dependencies of the project: they stand in
 * test/bench/<name>/package.json with a lock, and are installed into a folder of the cache that is keyed by it.
 */
async function peersOf(name) {
  const manifests = join(folder, name);
  const lock = join(manifests, 'package-lock.json');
  if (!existsSync(lock)) return {};
  const key = createHash('sha256').update(readFileSync(lock)).digest('hex').slice(0, 16);
  const peers = join(cache, 'bench', `${name}-${key}`);
  if (!existsSync(peers)) {
    const partial = `${peers}.${process.pid}`;
    mkdirSync(partial, { recursive: true });
    for (const file of ['package.json', 'package-lock.json'])
      cpSync(join(manifests, file), join(partial, file));
    await mustRun('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: partial,
      log,
      failed: `npm could not install what ${name} is compared with.`,
      action: 'See that the npm registry can be reached, and run the command again.',
    });
    renameSync(partial, peers);
  }
  return { peers };
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
