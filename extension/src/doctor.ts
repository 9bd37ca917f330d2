import { execFile } from 'node:child_process';
import { statfs } from 'node:fs/promises';
import { promisify } from 'node:util';
import { isStrataError, messageOf } from './base/errors.ts';
import type { StrataFolder } from './folder.ts';
import type { Engine } from './node/docker/index.ts';

/** One thing that Strata needs or uses. */
export interface Check {
  readonly name: string;
  readonly state: 'ok' | 'warning' | 'missing';
  readonly text: string;
  /** What to do about it. */
  readonly fix?: string;
}

const LIMIT_MS = 10_000;
const LOW_DISK_BYTES = 1024 ** 3;

/** Looks at everything at once. A check that fails says so as its result, so this never throws. */
export function diagnose(folder: StrataFolder, home: string, version: string): Promise<readonly Check[]> {
  return Promise.all([
    check('Strata', () =>
      Promise.resolve(ok(`${version} on Node ${process.versions.node}, ${process.platform} ${process.arch}`)),
    ),
    check('Docker', docker),
    check('Git', git),
    check('Models', () => models(folder)),
    check('Memory', () => memory(folder)),
    check('Agents', () => agents(folder)),
    check('Disk', () => disk(home)),
  ]);
}

type Found = Omit<Check, 'name'>;

async function check(name: string, look: () => Promise<Found>): Promise<Check> {
  try {
    return { name, ...(await look()) };
  } catch (error) {
    if (isStrataError(error)) return { name, state: 'missing', text: error.message, fix: error.action };
    return { name, state: 'missing', text: messageOf(error) };
  }
}

function ok(text: string): Found {
  return { state: 'ok', text };
}

async function docker(): Promise<Found> {
  const { engineError, findEngine } = await import('./node/docker/index.ts');
  const found = await findEngine({ signal: AbortSignal.timeout(LIMIT_MS) });
  if (found.kind === 'ready') {
    const { engine } = found;
    await engine.dispose();
    return engineText(engine);
  }
  const error = engineError(found);
  return {
    state: 'warning',
    text: `${error.message} Agents can read and answer, and not change files or run commands.`,
    fix: error.action,
  };
}

function engineText(engine: Engine): Found {
  const kind = engine.kind === 'podman' ? 'Podman' : 'Docker';
  const where = engine.remote ? ', on another machine, which gets the files by copy' : '';
  const text = `${kind} ${engine.version} at ${engine.address}${engine.rootless ? ', rootless' : ''}${where}`;
  const { memoryLimit, processLimit, cpuLimit, seccomp } = engine.features;
  const limits = { memory: memoryLimit, processes: processLimit, CPUs: cpuLimit, 'system calls': seccomp };
  const missing = Object.entries(limits).flatMap(([name, has]) => (has ? [] : [name]));
  if (missing.length === 0) return ok(text);
  return {
    state: 'warning',
    text: `${text}. It cannot limit what a container uses of: ${missing.join(', ')}.`,
    fix: 'See `docker info` for the reason; rootless engines need cgroup v2 with these controllers delegated.',
  };
}

async function git(): Promise<Found> {
  try {
    const { stdout } = await promisify(execFile)('git', ['--version'], { timeout: LIMIT_MS });
    return ok(stdout.trim());
  } catch {
    return {
      state: 'missing',
      text: 'Git was not found.',
      fix: 'Install git: each run keeps its own copy of the folder with it.',
    };
  }
}

async function models(folder: StrataFolder): Promise<Found> {
  const { origins, demoOnly } = await folder.routes();
  const lines = origins.map(({ route, deployment, from }) => `${route}: ${deployment.id} (${from})`);
  const problem = origins.find((origin) => origin.problem !== undefined)?.problem;
  if (problem !== undefined) return { state: 'warning', text: lines.join('; '), fix: problem };
  if (!demoOnly) return ok(lines.join('; '));
  return {
    state: 'warning',
    text: 'Only the built-in demo model, which plays an agent without understanding anything.',
    fix: 'Set a key with “Strata: Set API Key” or ANTHROPIC_API_KEY or OPENAI_API_KEY, or start Ollama.',
  };
}

async function memory(folder: StrataFolder): Promise<Found> {
  const { files, chunks, episodes } = await folder.memory.stats();
  return ok(`${files} files in ${chunks} chunks, ${episodes} earlier runs; search by keyword`);
}

async function agents(folder: StrataFolder): Promise<Found> {
  const loaded = await folder.agents();
  const [mistake] = loaded.mistakes.values();
  if (mistake) return { state: 'warning', text: mistake.message, fix: mistake.action };
  return ok([...loaded.agents.keys()].join(', '));
}

async function disk(home: string): Promise<Found> {
  const { bavail, bsize } = await statfs(home);
  const free = `${((bavail * bsize) / 1e9).toFixed(1)} GB free at ${home}`;
  if (bavail * bsize > LOW_DISK_BYTES) return ok(free);
  return { state: 'warning', text: free, fix: 'Free some space: runs, copies and indexes are kept there.' };
}

/** For a bug report. */
export function asMarkdown(checks: readonly Check[]): string {
  const rows = checks.map(
    ({ name, state, text, fix }) => `| ${name} | ${state} | ${text}${fix ? ` ${fix}` : ''} |`,
  );
  return ['| | state | |', '|---|---|---|', ...rows, ''].join('\n');
}
