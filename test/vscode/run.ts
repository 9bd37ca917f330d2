// The tests that need a real VS Code: `node test/vscode/run.ts [host] [workbench] [--grep X] [--no-build]
// [--require-all] [--verbose]`. See harness/find-code.ts for the VS Code that they run in.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { projectRoot } from '../../scripts/editor/index.ts';
import { removeBundles } from './harness/bundle.ts';
import { findCode } from './harness/find-code.ts';
import { emptyTally, report, summary } from './harness/results.ts';
import { runHostSuites } from './harness/run-host.ts';
import { workbenchJobs } from './harness/run-workbench.ts';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    grep: { type: 'string' },
    'no-build': { type: 'boolean', default: false },
    'require-all': { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
    /** For trying the harness itself on another extension. */
    extension: { type: 'string', default: projectRoot },
    suites: { type: 'string', default: path.join(import.meta.dirname, 'host') },
    workspace: { type: 'string', default: path.join(projectRoot, 'examples', 'sample-workspace') },
    'limit-seconds': { type: 'string', default: '600' },
  },
});
const wants = (part: string): boolean => positionals.length === 0 || positionals.includes(part);
const limitMs = Number(flags['limit-seconds']) * 1000;
const grep = flags.grep === undefined ? {} : { grep: flags.grep };

// No test may reach a paid model because its key happens to be in the developer's environment.
delete process.env['ANTHROPIC_API_KEY'];
delete process.env['OPENAI_API_KEY'];
// Nor a model that happens to run here: nothing listens at the discard port.
process.env['OLLAMA_HOST'] = 'http://127.0.0.1:9';

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort(signal));

/** A window waits for something half of the time; more at once would make all of them late. */
const CONCURRENCY = 2;

const tally = emptyTally();
try {
  if (!flags['no-build']) build();
  const workbench = {
    suites: path.join(import.meta.dirname, 'workbench'),
    limitMs,
    signal: stop.signal,
    ...grep,
  };
  const jobs = [
    ...(wants('host') ? [host] : []),
    ...(wants('workbench') ? await workbenchJobs(workbench, tally) : []),
  ];
  await Promise.all(Array.from({ length: CONCURRENCY }, () => work(jobs)));
} catch (error) {
  runnerFailed(error);
} finally {
  await removeBundles();
}
const skippedIsFailure = flags['require-all'] && tally.skipped > 0;
console.log(summary(tally));
if (skippedIsFailure) console.log('failed: --require-all, and some were skipped');
process.exit(tally.failed > 0 || tally.passed === 0 || skippedIsFailure || stop.signal.aborted ? 1 : 0);

async function work(jobs: (() => Promise<void>)[]): Promise<void> {
  for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
    if (stop.signal.aborted) return;
    // The others go on: what they keep on the disk may not be removed below them.
    await job().catch(runnerFailed);
  }
}

function runnerFailed(error: unknown): void {
  report(tally, 'failed', 'the runner', undefined, error instanceof Error ? error.message : String(error));
}

async function host(): Promise<void> {
  const code = await findCode();
  if ('missing' in code) {
    report(tally, 'skipped', 'the suites in the extension host', undefined, code.missing);
    return;
  }
  console.log(`in the extension host of ${code.what}`);
  await runHostSuites(
    {
      ...{
        executable: code.executable,
        extensionPath: path.resolve(flags.extension),
        suites: path.resolve(flags.suites),
      },
      ...{
        workspace: path.resolve(flags.workspace),
        limitMs,
        verbose: flags.verbose,
        signal: stop.signal,
        ...grep,
      },
    },
    tally,
  );
}

function build(): void {
  const { status, stderr } = spawnSync(process.execPath, [path.join(projectRoot, 'esbuild.mjs')], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the build failed:\n${stderr}`);
}
