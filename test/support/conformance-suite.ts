import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);
const projectRoot = path.join(import.meta.dirname, '..', '..');
const manifests = path.join(projectRoot, 'test', 'conformance');

/** The protocol revisions whose required scenarios are frozen in the suite. */
export type Revision = '2025-11-25' | '2026-07-28';

export interface SuiteResult {
  readonly code: number;
  readonly output: string;
}

/**
 * The official suite, installed into the cache by its lock at the first use; no dependency of the project. Skips the test
 * by name where the registry is out of reach.
 */
export async function conformanceSuite(t: TestContext): Promise<string | undefined> {
  const lock = await readFile(path.join(manifests, 'package-lock.json'));
  const key = createHash('sha256').update(lock).digest('hex').slice(0, 16);
  const home = path.join(projectRoot, '.cache', 'conformance', key);
  try {
    if (!existsSync(home)) await install(home);
  } catch (error) {
    t.skip(`needs the npm registry: ${error instanceof Error ? error.message : 'npm ci failed'}`);
    return undefined;
  }
  return path.join(home, 'node_modules', '@modelcontextprotocol', 'conformance', 'dist', 'index.js');
}

/** Runs the suite to its end. Its results go to a folder of their own below `folder`, where a failure can be looked up. */
export async function runConformance(
  suite: string,
  args: readonly string[],
  options: {
    readonly folder: string;
    readonly limitMs: number;
    readonly env?: Readonly<Record<string, string>>;
  },
): Promise<SuiteResult> {
  const all = [suite, ...args, '--output-dir', options.folder];
  try {
    const { stdout, stderr } = await run(process.execPath, all, {
      cwd: options.folder,
      env: { ...process.env, ...options.env },
      timeout: options.limitMs,
      maxBuffer: 64 * 1024 * 1024,
    });
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    if (!(error instanceof Error && 'stdout' in error && 'stderr' in error)) throw error;
    const code = 'code' in error && typeof error.code === 'number' ? error.code : 1;
    return { code, output: `${String(error.stdout)}${String(error.stderr)}` };
  }
}

async function install(home: string): Promise<void> {
  const staging = `${home}.${process.pid}`;
  await mkdir(staging, { recursive: true });
  try {
    for (const file of ['package.json', 'package-lock.json'])
      await cp(path.join(manifests, file), path.join(staging, file));
    await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: staging,
      timeout: 200_000,
      shell: process.platform === 'win32',
    });
    await rename(staging, home).catch((error: unknown) => {
      if (!existsSync(home)) throw error; // Otherwise another process was faster.
    });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}
