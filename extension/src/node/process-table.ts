import { readFileSync } from 'node:fs';

/** Whether a process of this number exists; a zombie does. */
export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, and somebody else's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

interface LinuxProcess {
  readonly state: string | undefined;
  /** When it started, in clock ticks since the boot. */
  readonly startTicks: string | undefined;
}

/** Fields 3 and 22 of proc_pid_stat(5). Linux only; throws when there is no such process. */
export function linuxProcess(pid: number): LinuxProcess {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The name, field 2, stands in brackets and may hold anything, brackets and spaces included.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0], startTicks: fields[19] };
}
