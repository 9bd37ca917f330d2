import { createReadStream, existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { runTests, TestRunFailedError } from '@vscode/test-electron';
import { cleanEnvironment } from '../../../scripts/editor/index.ts';
import { installOther } from './other-extension.ts';
import { bundleHostSuites } from './bundle.ts';
import { hostRecord, hostVariables, report, type HostRecord, type Tally } from './results.ts';

export interface HostRun {
  readonly executable: string;
  readonly extensionPath: string;
  /** The folder of `*.test.ts` files that run inside the extension host. */
  readonly suites: string;
  /** A workspace folder; the suites get a copy of it. */
  readonly workspace?: string;
  readonly grep?: string;
  readonly limitMs: number;
  readonly verbose: boolean;
  readonly signal: AbortSignal;
}

/**
 * Runs the suites inside a real extension host and adds what happened to the tally. The exit code alone is not
 * believed: a test may end the host's process with it. What counts is the suite's own last record.
 */
export async function runHostSuites(run: HostRun, tally: Tally): Promise<void> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'strata-host-'));
  const bundle = await bundleHostSuites(run.suites);
  const results = path.join(bundle.folder, 'results.jsonl');
  const workspace = path.join(scratch, 'workspace');
  const log = new TailLog(run.verbose);
  const records = new RecordFollower(results, tally);
  let problem: string | undefined;
  try {
    await mkdir(workspace, { recursive: true });
    await installOther(path.join(scratch, 'extensions'));
    if (run.workspace !== undefined) await cp(run.workspace, workspace, { recursive: true });
    problem = await launch(run, scratch, workspace, bundle.entry, results, log, records);
  } finally {
    await rm(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
  await records.read();
  problem ??= records.verdict(run.grep !== undefined);
  if (problem !== undefined)
    report(tally, 'failed', `the suite in the extension host: ${problem}`, undefined, log.tail());
}

async function launch(
  run: HostRun,
  scratch: string,
  workspace: string,
  entry: string,
  results: string,
  log: TailLog,
  records: RecordFollower,
): Promise<string | undefined> {
  const limit = AbortSignal.any([run.signal, AbortSignal.timeout(run.limitMs)]);
  const env = cleanEnvironment({
    [hostVariables.results]: results,
    [hostVariables.scratch]: scratch,
    STRATA_HOME: path.join(scratch, 'strata'),
  });
  if (run.grep !== undefined) env[hostVariables.grep] = run.grep;
  const environment = keepDefined(env);
  const following = new AbortController();
  const followed = records.follow(following.signal);
  try {
    const ended = runTests({
      vscodeExecutablePath: run.executable,
      extensionDevelopmentPath: run.extensionPath,
      extensionTestsPath: entry,
      extensionTestsEnv: environment,
      launchArgs: [
        workspace,
        `--user-data-dir=${path.join(scratch, 'data')}`,
        `--extensions-dir=${path.join(scratch, 'extensions')}`,
      ],
      stdout: log,
      stderr: log,
    });
    const aborted = Promise.withResolvers<never>();
    const onAbort = (): void =>
      aborted.reject(
        new Error(run.signal.aborted ? 'interrupted' : `not done after ${run.limitMs / 1000} s`),
      );
    limit.addEventListener('abort', onAbort, { once: true });
    try {
      await Promise.race([ended, aborted.promise]);
      return undefined;
    } catch (error) {
      if (!(error instanceof TestRunFailedError)) {
        // runTests gives no handle to its process but ends it on this signal; after a real one it has done so already.
        if (run.signal.reason !== 'SIGINT') process.emit('SIGINT', 'SIGINT');
        await Promise.race([ended.catch(() => undefined), delay(20_000)]);
        return error instanceof Error ? error.message : String(error);
      }
      return records.hasEnded()
        ? undefined
        : `VS Code ended with ${error.code ?? error.signal} before the suite did`;
    } finally {
      limit.removeEventListener('abort', onAbort);
    }
  } finally {
    following.abort();
    await followed;
  }
}

function keepDefined(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** Prints each test as soon as its record is in the file. */
class RecordFollower {
  private readonly file: string;
  private readonly tally: Tally;
  private end: Extract<HostRecord, { kind: 'end' }> | undefined;
  private seen = 0;

  constructor(file: string, tally: Tally) {
    this.file = file;
    this.tally = tally;
  }

  hasEnded(): boolean {
    return this.end !== undefined;
  }

  async follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.read();
      await delay(200, undefined, { signal }).catch(() => undefined);
    }
    await this.read();
  }

  async read(): Promise<void> {
    if (!existsSync(this.file)) return;
    let index = 0;
    for await (const line of createInterface({ input: createReadStream(this.file) })) {
      index += 1;
      if (index <= this.seen) continue;
      const record = parseRecord(line);
      // The last line may still be half written: it is read again.
      if (record === undefined) return;
      this.seen = index;
      if (record.kind === 'end') this.end = record;
      else report(this.tally, record.outcome, record.title, record.ms, record.reason);
    }
  }

  /** What is wrong with the run although VS Code said nothing. */
  verdict(mayBeEmpty: boolean): string | undefined {
    if (this.end === undefined) return 'it ended without saying so; did a test end its process?';
    const ran = this.end.passed + this.end.failed + this.end.skipped;
    return ran === 0 && !mayBeEmpty ? 'no test ran' : undefined;
  }
}

function parseRecord(line: string): HostRecord | undefined {
  try {
    return hostRecord.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

/** Keeps the last of VS Code's own log for a failure, or shows all of it. */
class TailLog extends Writable {
  private readonly verbose: boolean;
  private kept = '';

  constructor(verbose: boolean) {
    super();
    this.verbose = verbose;
  }

  tail(): string {
    // The workbench logs whole stacks for what it does not find offline; the heads of the last messages are enough.
    const heads = this.kept.split('\n').filter((line) => /^\[|^\S*Error/.test(line));
    return heads.slice(-15).join('\n');
  }

  override _write(piece: Buffer | string, _encoding: string, done: () => void): void {
    this.kept = (this.kept + piece.toString()).slice(-20_000);
    if (this.verbose) process.stderr.write(piece);
    done();
  }
}
