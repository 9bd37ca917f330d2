import type { Engine } from './engine.ts';
import { listThings, removeThing, removeThings, type Thing } from './leftovers.ts';
import { mayBeAlive } from './owner.ts';
import { sweepPipes } from './pipes.ts';

export { ownerLabel } from './leftovers.ts';

/**
 * Removes what dead owners left on the engine, and only that: other windows and terminals are alive. Containers in every
 * state, volumes and networks; returns what was removed. Of this machine's files only the pipes of such containers.
 */
export async function sweep(engine: Engine, signal: AbortSignal): Promise<readonly Thing[]> {
  await sweepPipes();
  return removeThings(engine.connection, await orphansOn(engine, signal), signal);
}

/** How many containers dead owners have left there. */
export async function countLeftContainers(engine: Engine, signal: AbortSignal): Promise<number> {
  return (await orphansOn(engine, signal)).filter(({ kind }) => kind === 'container').length;
}

async function orphansOn(engine: Engine, signal: AbortSignal): Promise<readonly Thing[]> {
  const things = await listThings(engine.connection, signal);
  const alive = new Map<string, boolean>();
  for (const { owner } of things) if (!alive.has(owner)) alive.set(owner, mayBeAlive(owner));
  return things.filter(({ owner }) => alive.get(owner) === false);
}

/** As `sweep`; returns how many containers there were. */
export async function sweepContainers(engine: Engine, signal: AbortSignal): Promise<number> {
  return (await sweep(engine, signal)).filter(({ kind }) => kind === 'container').length;
}

/** Removes a container and what runs in it; one that is gone already is fine, and so is one that is being removed. */
export async function removeContainer(engine: Engine, id: string, signal: AbortSignal): Promise<void> {
  await removeThing(engine.connection, { kind: 'container', id }, signal);
}
