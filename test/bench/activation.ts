// What a window pays because Strata is installed: activate() inside the real extension host, and what it had to load.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as z from 'zod';
import { projectRoot } from '../../scripts/editor/index.ts';
import { removeBundles } from '../vscode/harness/bundle.ts';
import { findCode } from '../vscode/harness/find-code.ts';
import { emptyTally } from '../vscode/harness/results.ts';
import { runHostSuites } from '../vscode/harness/run-host.ts';
import { atMost, median, type Row } from './support/row.ts';

const activations = 5;
const limitMs = 120_000;

const measurement = z.object({ activateMs: z.number(), loadMs: z.number(), loaded: z.array(z.string()) });
const metafile = z.object({
  outputs: z.record(z.string(), z.object({ inputs: z.record(z.string(), z.unknown()) })),
});

/** What must not be loaded, or lie inside the entry bundle, before its first use. */
const heavyBundle =
  /[\\/](folder|docker|mcp|openai|anthropic|prices|memory-child|doctor|panel)\.cjs$|\.node$/;
const heavyPackage =
  /node_modules\/(openai|@anthropic-ai|dockerode|@lancedb|apache-arrow|@modelcontextprotocol|zod|@pydantic)\//;

export async function run(): Promise<readonly Row[]> {
  const measured = [];
  for (let round = 0; round < activations; round++) measured.push(await activateOnce());
  const loaded = new Set(measured.flatMap((one) => one.loaded).filter((file) => heavyBundle.test(file)));
  for (const file of loaded) console.log(`loaded before its first use: ${path.relative(projectRoot, file)}`);
  const bundled = await heavyInputs();
  for (const file of bundled) console.log(`part of main.cjs: ${file}`);
  return [
    atMost('activate(), median', 'ms', 50, median(measured.map(({ activateMs }) => activateMs))),
    atMost('loading main.cjs, median', 'ms', 50, median(measured.map(({ loadMs }) => loadMs))),
    atMost('heavy modules loaded at activation', 'modules', 0, loaded.size),
    atMost('files of heavy packages inside main.cjs', 'files', 0, bundled.length),
  ];
}

async function activateOnce(): Promise<z.infer<typeof measurement>> {
  const code = await findCode();
  if ('missing' in code) throw new Error(`The benchmark ${code.missing}`);
  const folder = await mkdtemp(path.join(tmpdir(), 'strata-bench-'));
  const file = path.join(folder, 'result.json');
  process.env['STRATA_BENCH_RESULT'] = file;
  process.env['STRATA_HOME'] = path.join(folder, 'home');
  const tally = emptyTally();
  try {
    await runHostSuites(
      {
        executable: code.executable,
        extensionPath: projectRoot,
        suites: path.join(import.meta.dirname, 'activation', 'host'),
        limitMs,
        verbose: false,
        signal: AbortSignal.timeout(limitMs),
      },
      tally,
    );
    if (tally.passed !== 1 || tally.failed > 0)
      throw new Error('The extension host gave no measurement; see above');
    return measurement.parse(JSON.parse(await readFile(file, 'utf8')));
  } finally {
    await removeBundles();
    await rm(folder, { recursive: true, force: true });
  }
}

async function heavyInputs(): Promise<readonly string[]> {
  const text = await readFile(path.join(projectRoot, 'dist', 'metafile.json'), 'utf8');
  // A build works beside dist/ and is renamed when it is whole, so the folder in its report has another name.
  const outputs = Object.entries(metafile.parse(JSON.parse(text)).outputs);
  const main = outputs.find(([output]) => /^[^/]+\/main\.cjs$/.test(output))?.[1];
  if (main === undefined) throw new Error('dist/metafile.json does not name main.cjs');
  return Object.keys(main.inputs).filter((file) => heavyPackage.test(file));
}
