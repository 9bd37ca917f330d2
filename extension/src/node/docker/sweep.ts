import type { Engine } from './engine.ts';
import { statusOf } from './engine.ts';
import { mayBeAlive } from './owner.ts';

export const ownerLabel = 'strata.owner';

/** Removes the containers of owners that are dead, and only those: other windows and terminals are alive. */
export async function sweepContainers(engine: Engine, signal: AbortSignal): Promise<number> {
  const found = await engine.docker.listContainers({
    all: true,
    filters: { label: [ownerLabel] },
    abortSignal: signal,
  });
  const orphans = found.filter((container) => !mayBeAlive(container.Labels[ownerLabel] ?? ''));
  await Promise.all(orphans.map((container) => remove(engine, container.Id, signal)));
  return orphans.length;
}

async function remove(engine: Engine, id: string, abortSignal: AbortSignal): Promise<void> {
  try {
    await engine.docker.getContainer(id).remove({ force: true, v: true, abortSignal });
  } catch (error) {
    // 404 and 409: it is gone, or someone else is removing it right now.
    if (statusOf(error) !== 404 && statusOf(error) !== 409) throw error;
  }
}
