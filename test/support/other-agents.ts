import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);
const projectRoot = path.join(import.meta.dirname, '..', '..');
const programs = path.join(projectRoot, 'test', 'other-agents');

/**
 * Puts the programs of test/other-agents into the folder, beside the packages of their lock: these are no dependencies of the
 * project and are installed into the cache at the first use. Skips the test by name where the registry is out of reach.
 */
export async function otherAgents(t: TestContext, folder: string): Promise<boolean> {
  const lock = await readFile(path.join(programs, 'package-lock.json'));
  const key = createHash('sha256').update(lock).digest('hex').slice(0, 16);
  const home = path.join(projectRoot, '.cache', 'other-agents', key);
  try {
    if (!existsSync(home)) await install(home);
  } catch (error) {
    t.skip(`needs the npm registry: ${error instanceof Error ? error.message : 'npm ci failed'}`);
    return false;
  }
  for (const file of await readdir(programs))
    if (file.endsWith('.mjs')) await cp(path.join(programs, file), path.join(folder, file));
  await symlink(path.join(home, 'node_modules'), path.join(folder, 'node_modules'), 'junction');
  return true;
}

/** Runs one of the programs to its end, with a model at `model` and its traces sent to `traces`. */
export async function runOtherAgent(
  program: string,
  at: { readonly folder: string; readonly model: string; readonly traces: string },
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  await run(process.execPath, [path.join(at.folder, program)], {
    cwd: at.folder,
    env: {
      ...process.env,
      MODEL_URL: `${at.model}/v1`,
      OTEL_EXPORTER_OTLP_ENDPOINT: at.traces,
      // LangSmith asks its own service first what that can do, and gets on without an answer.
      LANGSMITH_ENDPOINT: at.model,
      ...env,
    },
    timeout: 120_000,
  });
}

async function install(home: string): Promise<void> {
  const staging = `${home}.${process.pid}`;
  await mkdir(staging, { recursive: true });
  try {
    for (const file of ['package.json', 'package-lock.json'])
      await cp(path.join(programs, file), path.join(staging, file));
    await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: staging,
      timeout: 240_000,
      shell: process.platform === 'win32',
    });
    await rename(staging, home).catch((error: unknown) => {
      if (!existsSync(home)) throw error; // Otherwise another process was faster.
    });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}
