import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { mayBeAlive } from '../../extension/src/node/docker/owner.ts';
import { engineGet } from './docker.mjs';

// A reaper process may need this long to notice that its owner has gone.
const GRACE_MS = 5000;

/** The environment variable by which processes that descend from a test run are known, however they were started. */
export const MARK = 'STRATA_TEST_RUN';

/**
 * What a test run left behind, as lines: processes that carry its mark, containers that work in its temporary
 * folder or whose owner has died since it started, and `strata-*` folders in it. Processes that are still there are ended.
 */
export async function findLeftovers({ mark, folder, startedAt }) {
  const end = Date.now() + GRACE_MS;
  for (;;) {
    const processes = markedProcesses(mark);
    const containers = await containersOf(folder, startedAt);
    const folders = existsSync(folder)
      ? readdirSync(folder).filter((name) => name.startsWith('strata-'))
      : [];
    if ((processes.length === 0 && containers.length === 0) || Date.now() > end) {
      for (const { pid } of processes) endProcess(pid);
      return [
        ...processes.map(({ pid, command }) => `process ${pid}: ${command}`),
        ...containers.map(({ id, name }) => `container ${name} (${id})`),
        ...folders.map((name) => `temporary folder ${name}`),
      ];
    }
    await wait(200);
  }
}

/** Linux only: elsewhere another process's environment cannot be read, and the answer is empty. */
function markedProcesses(mark) {
  if (process.platform !== 'linux') return [];
  const found = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const environment = readProc(pid, 'environ');
    if (!environment?.split('\0').includes(`${MARK}=${mark}`)) continue;
    const command = readProc(pid, 'cmdline')?.replaceAll('\0', ' ').trim();
    // A zombie has no command line: it has ended, and its parent has not asked for its exit code yet.
    if (command) found.push({ pid: Number(pid), command: command.slice(0, 200) });
  }
  return found;
}

function readProc(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    // The process ended while we looked, or belongs to someone else.
    return undefined;
  }
}

function endProcess(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

async function containersOf(folder, startedAt) {
  const all = (await engineGet('/containers/json?all=1')) ?? [];
  const isOrphan = ({ Labels, Created }) => {
    const owner = Labels['strata.owner'];
    return owner !== undefined && Created * 1000 >= startedAt && !mayBeAlive(owner);
  };
  return all
    .filter(
      (container) =>
        JSON.stringify([container.Labels, container.Mounts]).includes(folder) || isOrphan(container),
    )
    .map(({ Id, Names }) => ({ id: Id.slice(0, 12), name: Names[0] ?? 'without a name' }));
}
