import type { Engine } from './engine.ts';
import { listThings, removeThing, removeThings, type Thing } from './leftovers.ts';
import { mayBeAlive } from './owner.ts';

export { ownerLabel } from './leftovers.ts';

/**
 * Removes what dead owners left on the engine, and only that: other windows and terminals are alive. Containers in every
 * state, volumes and networks; returns what was removed.
 */
export async function sweep(engine: Engine, signal: AbortSignal): Promise<readonly Thing[]> {
  const things = await listThings(engine.connection, signal);
  const alive = new Map<string, boolean>();
  for (const { owner } of things) if (!alive.has(owner)) alive.set(owner, mayBeAlive(owner));
  const orphans = things.filter(({ owner }) => alive.get(owner) === false);
  return removeThings(engine.connection, orphans, signal);
}

/** As `sweep`; returns how many containers there were. */
export async function sweepContainers(engine: Engine, signal: AbortSignal): Promise<number> {
  return (await sweep(engine, signal)).filter(({ kind }) => kind === 'container').length;
}

/** Removes a container and what runs in it; one that is gone already is fine, and so is one that is being removed. */
export async function removeContainer(engine: Engine, id: string, signal: AbortSignal): Promise<void> {
  await removeThing(engine.connection, { kind: 'container', id }, signal);
}
