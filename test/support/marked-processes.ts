import { readdirSync, readFileSync } from 'node:fs';

/** Processes with this text in their command line, this one left out. Linux only. */
export function processesWith(text: string): readonly number[] {
  return others().filter((pid) => read(pid, 'cmdline').replaceAll('\0', ' ').includes(text));
}

/** Processes with this variable in their environment, which those that they start have too. Linux only. */
export function processesMarked(variable: string): readonly number[] {
  return others().filter(
    (pid) => read(pid, 'environ').split('\0').includes(variable) && read(pid, 'cmdline') !== '', // No zombie.
  );
}

function others(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid);
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return ''; // It ended while we looked.
  }
}
