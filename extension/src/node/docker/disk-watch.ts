import { statfs } from 'node:fs/promises';
import type { Disposable } from '../../base/disposable.ts';

const mebibyte = 1024 * 1024;
/** What a disk must have left for everything else on it; of a small one a twentieth. */
const floorBytes = 1024 * mebibyte;
const floorPart = 0.05;
/** Faster than most disks take it. Looking again before that much can have been written is a waste. */
const bytesPerMs = (2048 * mebibyte) / 1000;
const soonestMs = 250;
const latestMs = 10_000;

interface Disk {
  readonly free: number;
  readonly floor: number;
}

/** What the disk of a folder has left is below what others need of it. */
export function isFull({ free, floor }: Disk): boolean {
  return free < floor;
}

/** Undefined where the system does not tell. */
export async function diskOf(folder: string): Promise<Disk | undefined> {
  try {
    const { bavail, blocks, bsize } = await statfs(folder);
    return { free: bavail * bsize, floor: Math.min(floorBytes, blocks * bsize * floorPart) };
  } catch {
    return undefined; // The folder has gone, and with it what could be filled.
  }
}

/**
 * Calls back once when the disk of a folder runs full: a mounted folder has no quota, so whoever may write to it could fill
 * the disk of the whole machine.
 */
export function watchDisk(folder: string, onFull: () => void): Disposable {
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  const look = async () => {
    const disk = await diskOf(folder);
    if (ended) return;
    if (disk && isFull(disk)) {
      onFull();
      return;
    }
    const room = disk ? disk.free - disk.floor : Infinity;
    timer = setTimeout(() => void look(), Math.min(latestMs, Math.max(soonestMs, room / bytesPerMs))).unref();
  };
  void look();
  return {
    dispose: () => {
      ended = true;
      clearTimeout(timer);
    },
  };
}
