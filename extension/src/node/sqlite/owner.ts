import { linuxProcess, processExists } from '../process-table.ts';

/** A process that works on a run. The start time tells it from a later process with the same number. */
export interface Owner {
  readonly pid: number;
  readonly started: string;
}

export function thisProcess(): Owner {
  return { pid: process.pid, started: startOf(process.pid) ?? '' };
}

/** Whether the process still runs. Where no start time can be had, the number alone decides. */
export function isAlive(owner: Owner): boolean {
  if (!processExists(owner.pid)) return false;
  const started = startOf(owner.pid);
  return started === undefined || owner.started === '' || started === owner.started;
}

/** Clock ticks from the boot to the start of the process. */
function startOf(pid: number): string | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const { state, startTicks } = linuxProcess(pid);
    // A zombie has ended, although its number is still taken.
    return state === 'Z' ? 'ended' : startTicks;
  } catch {
    return undefined;
  }
}
