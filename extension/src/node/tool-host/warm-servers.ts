import type { Disposable } from '../../base/disposable.ts';
import type { ServerDefinition } from '../../core/tools/index.ts';
import type { HostContext } from './launch.ts';
import type { Mcp } from './mcp-at-need.ts';
import { openServer } from './opened-server.ts';
import type { Place } from './place.ts';
import { openWarmPool } from './warm-pool.ts';
import type { Slot, SlotKind, WarmPool } from './warm-pool.ts';

/** What most runs call. */
export const WARMED: readonly string[] = ['files', 'shell'];
const SLOT_IDLE_MS = 10 * 60_000;
const POOL_LIMIT_MS = 30_000;

export interface WarmServersParts {
  readonly context: HostContext;
  readonly loadMcp: () => Promise<Mcp>;
  readonly definitions: () => Promise<readonly ServerDefinition[]>;
  /** On the disk of the runs' copies. */
  readonly storageDir: string;
  readonly after: (ms: number, callback: () => void) => Disposable;
}

/** The built-in servers that most runs call, started ahead where the engine lets a slot become a run's copy. */
export function warmServers(parts: WarmServersParts): {
  warm(kind: SlotKind): void;
  take(kind: SlotKind): Promise<Slot | undefined>;
  dispose(): Promise<void>;
} {
  let pool: Promise<WarmPool | undefined> | undefined;
  const known = async (): Promise<WarmPool | undefined> => pool?.catch(() => undefined); // There is none then.
  return {
    warm: (kind) => {
      pool ??= openPool(parts);
      void pool.then(
        (ready) => {
          if (ready) ready.warm(kind);
          else pool = undefined;
        },
        () => (pool = undefined), // A help and no condition: runs start their servers themselves.
      );
    },
    take: async (kind) => (await known())?.take(kind),
    dispose: async () => (await known())?.dispose(),
  };
}

async function openPool(parts: WarmServersParts): Promise<WarmPool | undefined> {
  const { context, storageDir, after } = parts;
  const found = await context.containers(AbortSignal.timeout(POOL_LIMIT_MS));
  // A mount follows its folder on this machine's own engine; elsewhere it is bound to the folder's name.
  if ('missing' in found || found.sandboxes.engine.remote || process.platform !== 'linux') return undefined;
  const [{ mayBeAlive, ownOwner }, mcp] = await Promise.all([import('../docker/index.ts'), parts.loadMcp()]);
  const definitions = await parts.definitions();
  return openWarmPool({
    storageDir,
    owner: ownOwner(),
    mayBeAlive,
    idleMs: SLOT_IDLE_MS,
    after,
    open: (slot, kind) => {
      const place: Place = {
        get folder() {
          return slot();
        },
        ownCopy: true,
        readOnly: kind === 'read',
        run: 'warm',
      };
      const wanted = definitions.filter(
        ({ name, origin, enabled }) =>
          enabled && origin === 'built-in' && WARMED.includes(name) && (kind === 'write' || name === 'files'),
      );
      return new Map(
        wanted.map((definition) => [
          definition.name,
          openServer(context, mcp, { definition, place, startAhead: true }),
        ]),
      );
    },
  });
}
