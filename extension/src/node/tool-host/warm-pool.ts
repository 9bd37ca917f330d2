import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Disposable } from '../../base/disposable.ts';
import { removeOfDead } from '../remove-of-dead.ts';
import type { OpenedServer } from './opened-server.ts';

/** What the servers of a slot may do with its folder. */
export type SlotKind = 'read' | 'write';

/** Servers that have started and answered already, on an empty folder that waits to become a run's copy. */
export interface Slot {
  readonly servers: ReadonlyMap<string, OpenedServer>;
  /** Makes the folder the copy of a run: containers keep it mounted under its new name. False when there is one already. */
  moveTo(folder: string): Promise<boolean>;
  dispose(): Promise<void>;
}

export interface WarmPoolOptions {
  /** On the disk of the runs' copies. */
  readonly storageDir: string;
  /** Of this process; see `ownOwner`. */
  readonly owner: string;
  readonly mayBeAlive: (owner: string) => boolean;
  /**
   * Opens the servers that most runs use, on a folder, whose name is asked for at each start: one that was stopped or died
   * starts again where the folder is by then.
   */
  readonly open: (folder: () => string, kind: SlotKind) => ReadonlyMap<string, OpenedServer>;
  /** A slot that nobody takes is given up after this long. */
  readonly idleMs: number;
  readonly after: (ms: number, callback: () => void) => Disposable;
}

export interface WarmPool {
  /** Sees that a slot of the kind is ready or on its way. */
  warm(kind: SlotKind): void;
  /** A slot that has started, if there is one. */
  take(kind: SlotKind): Promise<Slot | undefined>;
  dispose(): Promise<void>;
}

interface Waiting {
  readonly slot: Promise<Slot | undefined>;
  readonly timer: Disposable;
}

const START_LIMIT_MS = 60_000;

/**
 * Keeps at most one slot of each kind. A container's mounts are fixed when it is made, before there is a run; what can be
 * done later is to give the mounted folder the name of the run's copy, since a mount follows its folder.
 */
export function openWarmPool(options: WarmPoolOptions): WarmPool {
  const { storageDir, owner } = options;
  const waiting = new Map<SlotKind, Waiting>();
  const life = new AbortController();
  let next = 1;
  // Their containers are removed by the engine's own sweep.
  const swept = removeOfDead(storageDir, options.mayBeAlive);

  const start = async (kind: SlotKind): Promise<Slot | undefined> => {
    let folder = path.join(storageDir, `${owner}_${next++}`);
    let servers: ReadonlyMap<string, OpenedServer> = new Map();
    let moved = false;
    const slot = (): Slot => ({
      servers,
      moveTo: async (target) => {
        await mkdir(path.dirname(target), { recursive: true });
        moved = await rename(folder, target).then(
          () => true,
          () => false, // A run that goes on has a copy already.
        );
        if (moved) folder = target;
        return moved;
      },
      dispose: async () => {
        await Promise.all([...servers.values()].map((server) => server.dispose()));
        if (!moved) await rm(folder, { recursive: true, force: true });
      },
    });
    try {
      await swept;
      await mkdir(folder, { recursive: true });
      servers = options.open(() => folder, kind);
      const signal = AbortSignal.any([life.signal, AbortSignal.timeout(START_LIMIT_MS)]);
      await Promise.all([...servers.values()].map((server) => server.listLive(signal)));
      return slot();
    } catch {
      // Whatever is wrong, the run that starts its servers itself meets it too, and says so.
      await slot().dispose();
      return undefined;
    }
  };

  const giveUp = async (kind: SlotKind): Promise<void> => {
    const entry = waiting.get(kind);
    waiting.delete(kind);
    entry?.timer.dispose();
    await (await entry?.slot)?.dispose();
  };

  return {
    warm: (kind) => {
      if (waiting.has(kind) || life.signal.aborted) return;
      const timer = options.after(options.idleMs, () => void giveUp(kind));
      const slot = start(kind);
      waiting.set(kind, { slot, timer });
      void slot.then((ready) => {
        // It may be tried again with the next run.
        if (!ready && waiting.get(kind)?.slot === slot) void giveUp(kind);
      });
    },
    take: async (kind) => {
      const entry = waiting.get(kind);
      waiting.delete(kind);
      entry?.timer.dispose();
      return entry?.slot;
    },
    dispose: async () => {
      life.abort(new Error('The folder was closed.'));
      await Promise.all([...waiting.keys()].map(giveUp));
    },
  };
}
