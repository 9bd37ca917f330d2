import { execFile } from 'node:child_process';
import { stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { isStrataError, messageOf } from './base/errors.ts';
import type { Check } from './core/doctor/report.ts';
import { readAlertRules, ruleMistakeText } from './core/observability/alerts/index.ts';
import type { StrataFolder } from './folder.ts';
import { formatBytes } from './protocol/format.ts';
import { folderHome } from './node/home.ts';
import { readSettings } from './node/read-settings.ts';
import type { Engine } from './node/docker/index.ts';

const LIMIT_MS = 10_000;
const CHECK_LIMIT_MS = 20_000;
const LOW_DISK_BYTES = 1024 ** 3;
const LARGE_LOG_BYTES = 5 * 1024 ** 3;

export interface Surroundings {
  /** Strata's own storage. */
  readonly home: string;
  readonly version: string;
  /** Such as `VS Code 1.139.1`; absent in a terminal. */
  readonly editor?: string;
}

/** Looks at everything at once. A check that fails says so as its result, so this never throws. */
export function diagnose(
  folder: StrataFolder,
  { home, version, editor }: Surroundings,
): Promise<readonly Check[]> {
  const where = `${version} on ${editor === undefined ? '' : `${editor}, `}Node ${process.versions.node}`;
  return Promise.all([
    check('Strata', () => Promise.resolve(ok(`${where}, ${process.platform} ${process.arch}`))),
    check('Docker', docker),
    check('Images', () => images(folder)),
    check('Git', git),
    check('Models', () => models(folder)),
    check('Keys', () => keys(folder)),
    check('Memory', () => memory(folder)),
    check('Agents', () => agents(folder)),
    check('Run log', () => runLog(folder, home)),
    check('Alerts', () => alerts(folder)),
    check('Disk', () => disk(home)),
  ]);
}

type Found = Omit<Check, 'name'>;

async function check(name: string, look: () => Promise<Found>): Promise<Check> {
  try {
    return { name, ...(await within(look(), CHECK_LIMIT_MS)) };
  } catch (error) {
    if (isStrataError(error)) return { name, state: 'missing', text: error.message, fix: error.action };
    return { name, state: 'missing', text: messageOf(error) };
  }
}

/** A check of something that hangs must not keep the others from being seen. */
function within<T>(asked: Promise<T>, ms: number): Promise<T> {
  const late = delay(ms, undefined, { ref: false }).then((): never => {
    throw new Error(`No answer in ${ms / 1000} s.`);
  });
  return Promise.race([asked, late]);
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

/** An image is built, or pulled, when a server is set up; nothing is built here. */
async function images({ toolHost }: StrataFolder): Promise<Found> {
  const states = await toolHost.servers();
  const named = (status: (typeof states)[number]['status']): readonly string[] =>
    states.flatMap((state) => (state.status === status ? [state.definition.name] : []));
  const built = states.filter(({ image }) => image !== undefined).length;
  const text = `${states.length} servers, ${built} with an image that is built`;
  const broken = states.find(({ problem }) => problem !== undefined);
  if (broken?.problem) {
    const { message, action } = broken.problem;
    return {
      state: 'warning',
      text: `${text}. ${broken.definition.name}: ${message}`,
      ...(action ? { fix: action } : {}),
    };
  }
  const waiting = named('not-set-up');
  if (waiting.length === 0) return ok(text);
  return {
    state: 'warning',
    text: `${text}; not set up: ${waiting.join(', ')}`,
    fix: 'Set them up in the view “Tools”, or with `strata tools setup`.',
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

/** Which keys the routes use, by name; their values are looked at nowhere here. */
async function keys(folder: StrataFolder): Promise<Found> {
  const { origins } = await folder.routes();
  const used = new Set(origins.flatMap(({ deployment }) => deployment.keyName ?? []));
  if (used.size > 0) return ok(`The routes use: ${[...used].join(', ')}`);
  return ok('No route needs one');
}

async function runLog(folder: StrataFolder, home: string): Promise<Found> {
  const file = path.join(folderHome(home, folder.folder), 'runs.db');
  const { size } = await stat(file);
  const aside = folder.store.movedAside;
  const text = `${formatBytes(size)} at ${file}`;
  if (aside) {
    const fix = 'What could be read was saved. The damaged file can be removed when nothing in it is missed.';
    return { state: 'warning', text: `${text}; a damaged one was moved to ${aside.path}`, fix };
  }
  if (size < LARGE_LOG_BYTES) return ok(text);
  return { state: 'warning', text, fix: 'Keep fewer runs: see the settings “strata.run.retention”.' };
}

async function alerts(folder: StrataFolder): Promise<Found> {
  const text = await readSettings(folder.folder, 'alerts.jsonc', (found) => found);
  const sources = text === undefined ? [] : [{ name: '.strata/alerts.jsonc', text, member: 'rules' }];
  const { rules, mistakes } = readAlertRules(sources);
  const [first] = mistakes;
  if (!first) return ok(`${rules.length} rules of Strata and of .strata/alerts.jsonc`);
  return {
    state: 'warning',
    text: ruleMistakeText(first),
    fix: 'Correct the rule; it is left out until then.',
  };
}

async function memory(folder: StrataFolder): Promise<Found> {
  const { files, chunks, episodes } = await folder.memory.stats();
  const { problem } = await folder.memory.state();
  if (problem) return { state: 'warning', text: problem.message, fix: problem.action };
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
