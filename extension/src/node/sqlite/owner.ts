import { readFileSync } from 'node:fs';

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
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    // EPERM: it is there, and somebody else's.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  const started = startOf(owner.pid);
  return started === undefined || owner.started === '' || started === owner.started;
}

/** Clock ticks from boot to the start of the process: field 22 of proc_pid_stat(5), counted after the name in brackets. */
function startOf(pid: number): string | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie has ended, although its number is still taken.
    if (fields[0] === 'Z') return 'ended';
    return fields[19];
  } catch {
    return undefined;
  }
}
