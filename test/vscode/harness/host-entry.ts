import { appendFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { hostVariables, type HostRecord } from './results.ts';
import { reasonOf } from './skip.ts';

const testLimitMs = 60_000;

/** What VS Code calls inside the extension host: runs the suites that lie bundled beside this file. */
export async function run(): Promise<void> {
  const results = process.env[hostVariables.results];
  if (results === undefined) throw new Error(`${hostVariables.results} is not set`);
  const say = (record: HostRecord): void => appendFileSync(results, `${JSON.stringify(record)}\n`);
  const { default: Mocha } = await import('mocha');
  const grep = process.env[hostVariables.grep];
  // The records are the report; the base reporter prints nothing.
  const mocha = new Mocha({
    ui: 'bdd',
    timeout: testLimitMs,
    reporter: Mocha.reporters.Base,
    ...(grep === undefined ? {} : { grep }),
  });
  for (const file of readdirSync(__dirname).sort())
    if (file.endsWith('.test.cjs')) mocha.addFile(path.join(__dirname, file));
  await mocha.loadFilesAsync();

  const tally = { passed: 0, failed: 0, skipped: 0 };
  await new Promise<void>((resolve) => {
    const runner = mocha.run(() => resolve());
    runner.on('pass', (test) => {
      tally.passed += 1;
      say({ kind: 'test', outcome: 'passed', title: test.fullTitle(), ms: test.duration ?? 0 });
    });
    runner.on('fail', (test, error: unknown) => {
      tally.failed += 1;
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      say({ kind: 'test', outcome: 'failed', title: test.fullTitle(), ms: test.duration ?? 0, reason });
    });
    runner.on('pending', (test) => {
      tally.skipped += 1;
      say({ kind: 'test', outcome: 'skipped', title: test.fullTitle(), ms: 0, reason: reasonOf(test) });
    });
  });
  say({ kind: 'end', ...tally });
  if (tally.failed > 0) throw new Error(`${tally.failed} failed`);
}
