import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { linuxProcess, processExists } from '../process-table.ts';

/**
 * Who owns a container: this host, this process, and when the process started, since process ids are used again. Two
 * programs that see the same engine from different containers have different hosts here, and never judge each other.
 */
export function ownOwner(): string {
  return `${hostId()}.${process.pid}.${startOf(process.pid) ?? 'unknown'}`;
}

/** False only when the owner is of this host and certainly gone. */
export function mayBeAlive(owner: string): boolean {
  const [host, pid, start] = owner.split('.');
  if (host !== hostId() || !pid || !/^\d+$/.test(pid)) return true;
  if (!processExists(Number(pid))) return false;
  const now = startOf(Number(pid));
  return now === undefined || start === 'unknown' || now === start;
}

function hostId(): string {
  return createHash('sha256').update(`${hostname()}\n${pidNamespace()}`).digest('hex').slice(0, 12);
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return ''; // Not Linux: there are no others.
  }
}

/** When a process started, as a text that only compares; undefined where the system does not tell cheaply. */
function startOf(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') return linuxStart(pid);
    if (process.platform === 'win32') return undefined;
    const text = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      timeout: 2000,
    }).trim();
    return text === '' ? undefined : createHash('sha256').update(text).digest('hex').slice(0, 12);
  } catch {
    return undefined;
  }
}

/** Clock ticks since the boot, and which boot that was. */
function linuxStart(pid: number): string | undefined {
  const { startTicks: ticks } = linuxProcess(pid);
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').slice(0, 8);
  return ticks === undefined ? undefined : `${boot}-${ticks}`;
}
