import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canInstallDebianPackages, installDebianPackages } from './debian.mjs';
import { canProvideEngine, engineAnswers, installEngine, startEngine } from './docker.mjs';
import { findLeftovers, MARK } from './leftovers.mjs';
import { phase, seconds } from './phase.mjs';
import { root } from './project.mjs';
import { runInGroup, runTestFile } from './test-file.mjs';
import { TestReport } from './test-report.mjs';

/** One more than CI has processors: a file waits for engines, processes and timers about half of its time. */
const CONCURRENCY = 3;
/** The shell takes half the work of the whole browser, which stands in for it where the archive does not have it. */
const BROWSER = {
  program: '/usr/bin/chromium-headless-shell',
  package: 'chromium-headless-shell',
  otherwise: { program: '/usr/bin/chromium', package: 'chromium' },
};
const LIMIT_MS = {
  unit: 60_000,
  // A soak tries everything where a test tries a sample.
  integration: process.env.STRATA_SOAK === '1' ? 3_600_000 : 600_000,
  vscode: 2_400_000,
};

/** Runs the chosen parts and returns the exit code. Everything that it started has ended when it returns. */
export async function runTests({ parts, files, requireAll, verbose, log }) {
  const startedAt = Date.now();
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => stop.abort(name));
  const report = new TestReport({ verbose });
  const mark = randomBytes(8).toString('hex');
  // Real, since labels and mounts hold real paths; short, since the paths of sockets in it may have 107 bytes at most.
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'st-')));
  const env = {
    ...process.env,
    ...{ [MARK]: mark, TMPDIR: folder, TEMP: folder, TMP: folder },
    // Hundreds of processes load the same sources, each of which takes as long to compile as the test to run.
    NODE_COMPILE_CACHE: join(root, '.cache', 'compile'),
  };
  let engine;
  try {
    engine = await phase('test machine', () => prepareMachine(parts, log, report));
    for (const part of parts) {
      if (stop.signal.aborted) break;
      report.startPart(part);
      const context = { env, folder, limitMs: LIMIT_MS[part], signal: stop.signal };
      if (part === 'vscode') await runVsCode(context, report, { requireAll, verbose });
      else await runFiles(part, files, context, report);
    }
  } finally {
    const left = await findLeftovers({ mark, folder, startedAt });
    // A test that was killed cannot remove its folder; what runs must end all the same.
    const counted = stop.signal.aborted ? left.filter((line) => !line.startsWith('temporary folder')) : left;
    for (const line of counted) report.fail('left behind by the tests', line);
    rmSync(folder, { recursive: true, force: true });
    await engine?.stop();
  }
  if (stop.signal.aborted) report.fail('the run', `It was stopped by ${stop.signal.reason}.`);
  report.finish();
  return report.failed > 0 || report.passed === 0 || (requireAll && report.skipped > 0) ? 1 : 0;
}

async function runFiles(part, chosen, context, report) {
  const all = testFiles(join(root, 'test', part));
  const wanted = chosen.length === 0 ? all : all.filter((file) => chosen.includes(file));
  if (all.length === 0) return report.skip(`test/${part}`, 'there are no such tests yet');
  const alone = wanted.filter((file) => file.endsWith('.serial.test.ts'));
  const together = wanted.filter((file) => !alone.includes(file));
  const work = async () => {
    for (
      let file = together.shift();
      file !== undefined && !context.signal.aborted;
      file = together.shift()
    ) {
      report.file(await runTestFile(file, context));
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  for (const file of alone) if (!context.signal.aborted) report.file(await runTestFile(file, context));
}

function testFiles(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.test.ts') && !name.includes('node_modules'))
    .map((name) => join(folder, name))
    .sort();
}

/** The suites in a real VS Code have a runner of their own, whose lines are passed on and counted. */
async function runVsCode(context, report, { requireAll, verbose }) {
  const runner = join(root, 'test', 'vscode', 'run.ts');
  if (!existsSync(runner)) return report.skip('test/vscode', 'the part is absent');
  const flags = ['--no-build', ...(requireAll ? ['--require-all'] : []), ...(verbose ? ['--verbose'] : [])];
  const started = performance.now();
  const { code, tooLong } = await runInGroup(process.execPath, [runner, ...flags], {
    ...context,
    onOutput: (text) => report.foreign(text),
  });
  const seen = report.endForeign(performance.now() - started);
  if (context.signal.aborted) return;
  if (tooLong) report.fail('test/vscode', `It did not end within ${seconds(context.limitMs)}.`);
  else if (code !== 0 && seen.failed === 0 && seen.skipped === 0)
    report.fail('test/vscode', `Its runner ended with exit code ${code}.`);
  else if (code === 0 && seen.passed === 0) report.fail('test/vscode', 'No test passed in it.');
}

async function prepareMachine(parts, log, report) {
  const programs = [
    { program: '/usr/bin/git', package: 'git', part: 'integration' },
    { program: '/usr/bin/openssl', package: 'openssl', part: 'integration' },
    { program: '/usr/bin/rg', package: 'ripgrep', part: 'integration' },
    { program: '/usr/sbin/sshd', package: 'openssh-server', part: 'integration' },
    ...['integration', 'vscode'].map((part) => ({ ...BROWSER, part })),
  ].filter(({ part }) => parts.includes(part));
  mkdirSync(join(root, '.cache'), { recursive: true });
  if (canInstallDebianPackages()) await installDebianPackages(programs, log);
  if (parts.every((part) => part === 'unit') || (await engineAnswers())) return undefined;
  if (!canProvideEngine()) {
    report.note('No Docker engine answers here, and none can be installed without asking.');
    return undefined;
  }
  await installEngine(log);
  return startEngine(log);
}
