import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { run } from 'node:test';
import { packageForThisMachine } from '../../../scripts/editor/index.ts';
import { folderOfRun } from './bundle.ts';
import { findChromium, needsChromium } from './chromium.ts';
import { installedVariable, installForTests } from './installed.ts';
import { report, type Tally } from './results.ts';

export interface WorkbenchRun {
  readonly suites: string;
  readonly grep?: string;
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

/**
 * The suites that drive the workbench, against the packed extension: one job for each file, which share nothing but what
 * is installed. The first to be called packs and installs it.
 */
export async function workbenchJobs(
  options: WorkbenchRun,
  tally: Tally,
): Promise<readonly (() => Promise<void>)[]> {
  const files = await suitesIn(options.suites);
  if (files.length > 0 && findChromium() === undefined) {
    report(tally, 'skipped', 'the workbench suites', undefined, needsChromium);
    return [];
  }
  let installed: Promise<void> | undefined;
  return files.map((file) => async () => {
    await (installed ??= install());
    await runSuite(file, options, tally);
  });
}

async function install(): Promise<void> {
  process.env['STRATA_TEST_VSIX'] ??= await packageForThisMachine();
  process.env[installedVariable] = await installForTests(folderOfRun());
}

/** The longer ones first, as they also take longer: a long one that began last would run alone. */
async function suitesIn(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((file) => file.endsWith('.test.ts')).sort();
  const files = await Promise.all(
    names.map(async (name) => {
      const file = path.join(folder, name);
      return { file, size: (await stat(file)).size };
    }),
  );
  return files.sort((a, b) => b.size - a.size).map(({ file }) => file);
}

/** Runs one file in a process of its own, and reports its tests as they end. */
async function runSuite(file: string, options: WorkbenchRun, tally: Tally): Promise<void> {
  const seen: string[] = [];
  const stream = run({
    ...{ files: [file], concurrency: 1, timeout: options.limitMs, signal: options.signal },
    ...(options.grep === undefined ? {} : { testNamePatterns: [new RegExp(options.grep)] }),
  });
  stream.on('test:pass', ({ name, details, skip, todo }) => {
    if (details.type === 'suite' || todo !== undefined || name === file) return;
    seen.push(name);
    const reason = typeof skip === 'string' ? skip : '';
    if (skip === undefined) report(tally, 'passed', name, details.duration_ms);
    // A pattern on the command line reports every other test as skipped, without a word.
    else if (reason !== '' && reason !== 'test name does not match pattern')
      report(tally, 'skipped', name, undefined, reason);
  });
  stream.on('test:fail', ({ name, details }) => {
    seen.push(name);
    // A group fails with its members, which have been reported.
    if (details.type === 'suite' && /\d+ subtests? failed/.test(details.error.message)) return;
    const thrown: unknown = details.error.cause;
    const error = thrown instanceof Error ? thrown : details.error;
    report(tally, 'failed', name, details.duration_ms, error.stack ?? error.message);
  });
  stream.on('test:stderr', ({ message }) => process.stderr.write(message));
  stream.on('test:stdout', ({ message }) => process.stdout.write(message));
  await stream.forEach(() => undefined);
  if (seen.length === 0 && options.grep === undefined && !options.signal.aborted)
    report(tally, 'failed', `${path.basename(file)}: no test ran`);
}
