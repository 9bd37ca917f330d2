import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { largestBody, readFrames, writeFrame } from '../../../extension/src/node/docker/remote/frames.ts';
import type { Order } from '../../../extension/src/node/docker/remote/orders.ts';
import { Placer, type Wanted } from '../../../extension/src/node/docker/remote/place.ts';
import {
  changesBetween,
  readEntry,
  readTree,
  type Entry,
} from '../../../extension/src/node/docker/remote/tree.ts';

// Runs in a container beside the tools, as their user, with the copied folder and nothing else. It answers the other end
// (`remote-folder.ts`), and ends with its input.

const root = '/workspace';
const entriesInFrame = 500;
let known = new Map<string, Entry>();
const placer = new Placer(root);

void main();

async function main(): Promise<void> {
  let begun: Wanted | undefined;
  for await (const { head, body } of readFrames(process.stdin)) {
    const order = head as Order; // The program at the other end is the one that started this.
    try {
      if (order.do === 'write') {
        begun = order.entry;
        if (placer.begin(order.entry)) remember(order.entry.path);
      } else if (order.do === 'content') {
        if (placer.take(body) && begun) remember(begun.path);
      } else await answer(order);
    } catch (error) {
      await writeFrame(process.stdout, { failed: error instanceof Error ? error.message : String(error) });
    }
  }
  process.exit(0);
}

async function answer(order: Exclude<Order, { do: 'write' | 'content' }>): Promise<void> {
  switch (order.do) {
    case 'remove':
      for (const path of order.paths) {
        placer.remove(path);
        known.delete(path);
      }
      return say({ done: true });
    case 'scan':
      return scan();
    case 'read':
      for (const path of order.paths) await send(path);
      return say({ done: true });
  }
}

/** What the other end has put here is no change to tell it about. */
function remember(path: string): void {
  const entry = readEntry(root, path);
  if (entry) known.set(path, entry);
}

async function scan(): Promise<void> {
  const now = await readTree(root);
  const { changed, removed } = changesBetween(known, now);
  known = now;
  for (let at = 0; at < changed.length; at += entriesInFrame)
    await say({ changed: changed.slice(at, at + entriesInFrame).map(withoutSignature) });
  for (let at = 0; at < removed.length; at += entriesInFrame)
    await say({ removed: removed.slice(at, at + entriesInFrame) });
  await say({ done: true });
}

function withoutSignature({ signature: _, ...entry }: Entry): Wanted {
  return entry;
}

/** One file as it is now, or that it is gone. It may grow or shrink meanwhile: what is said of its size comes first. */
async function send(path: string): Promise<void> {
  let file: number;
  try {
    file = openSync(`${root}/${path}`, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return say({ gone: path });
  }
  try {
    const stats = fstatSync(file);
    const entry = readEntry(root, path);
    if (!stats.isFile() || entry?.kind !== 'file') {
      await say({ gone: path });
      return;
    }
    const size = stats.size;
    await say({ file: { ...withoutSignature(entry), size } });
    const buffer = Buffer.alloc(largestBody);
    for (let at = 0; at < size;) {
      const read = readSync(file, buffer, 0, Math.min(buffer.length, size - at), at);
      // Shorter by now: the next scan finds it changed.
      const piece = read === 0 ? Buffer.alloc(Math.min(buffer.length, size - at)) : buffer.subarray(0, read);
      await writeFrame(process.stdout, { content: true }, piece);
      at += piece.length;
    }
  } finally {
    closeSync(file);
  }
}

function say(head: object): Promise<void> {
  return writeFrame(process.stdout, head);
}
