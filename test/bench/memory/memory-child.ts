import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** The memory process that this process has started, by its id. Read from `/proc`, so on Linux only. */
export function memoryChild(): number {
  for (const thread of readdirSync('/proc/self/task'))
    for (const child of readFileSync(`/proc/self/task/${thread}/children`, 'utf8').split(' '))
      if (child !== '' && readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('memory-child'))
        return Number(child);
  throw new Error('The memory process does not run.');
}

/** User and system time of all its threads. */
export function cpuSeconds(pid: number): number {
  // The name in parentheses may hold spaces.
  const fields =
    readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
      .split(') ')
      .at(-1)
      ?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

/** The most that it has had in memory since it was started, in MB. */
export function mostMemory(pid: number): number {
  const found = /VmHWM:\s+(\d+) kB/u.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'));
  return Number(found?.[1]) / 1024;
}

/** What has to be done after an index run begins when nothing was written for 15 seconds. */
export async function untilTidy(): Promise<void> {
  const child = memoryChild();
  let [used, quiet] = [cpuSeconds(child), 0];
  for (let waited = 0; waited < 180 && quiet < 20; waited++) {
    await sleep(1_000);
    const now = cpuSeconds(child);
    quiet = now - used < 0.05 ? quiet + 1 : 0;
    used = now;
  }
}

const TICKS_A_SECOND = 100;
