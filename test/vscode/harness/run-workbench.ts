import { readdir } from 'node:fs/promises';
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

/** Runs the suites that drive the workbench, against the packed extension. */
export async function runWorkbenchSuites(options: WorkbenchRun, tally: Tally): Promise<void> {
  const files = (await readdir(options.suites))
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => path.join(options.suites, file));
  if (files.length === 0) return;
  if (findChromium() === undefined) {
    report(tally, 'skipped', 'the workbench suites', undefined, needsChromium);
    return;
  }
  process.env['STRATA_TEST_VSIX'] ??= await packageForThisMachine();
  process.env[installedVariable] = await installForTests(folderOfRun());

  const before = { ...tally };
  const stream = run({
    ...{ files: files.sort(), concurrency: 1, timeout: options.limitMs, signal: options.signal },
    ...(options.grep === undefined ? {} : { testNamePatterns: [new RegExp(options.grep)] }),
  });
  stream.on('test:pass', ({ name, details, skip, todo }) => {
    if (details.type === 'suite' || todo !== undefined || files.includes(name)) return;
    const reason = typeof skip === 'string' ? skip : '';
    if (skip === undefined) report(tally, 'passed', name, details.duration_ms);
    // A pattern on the command line reports every other test as skipped, without a word.
    else if (reason !== '' && reason !== 'test name does not match pattern')
      report(tally, 'skipped', name, undefined, reason);
  });
  stream.on('test:fail', ({ name, details }) => {
    // A group fails with its members, which have been reported.
    if (details.type === 'suite' && /\d+ subtests? failed/.test(details.error.message)) return;
    const thrown: unknown = details.error.cause;
    const error = thrown instanceof Error ? thrown : details.error;
    report(tally, 'failed', name, details.duration_ms, error.stack ?? error.message);
  });
  stream.on('test:stderr', ({ message }) => process.stderr.write(message));
  stream.on('test:stdout', ({ message }) => process.stdout.write(message));
  await stream.forEach(() => undefined);
  const ran = tally.passed + tally.failed + tally.skipped - before.passed - before.failed - before.skipped;
  if (ran === 0 && options.grep === undefined) report(tally, 'failed', 'the workbench suites: no test ran');
}
