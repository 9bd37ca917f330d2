import * as z from 'zod';
import { statusOf, type Engine } from './engine.ts';
import { engineRequest } from './engine-request.ts';
import { mayBeAlive } from './owner.ts';

export const ownerLabel = 'strata.owner';

const listSchema = z.array(z.object({ Id: z.string(), Labels: z.record(z.string(), z.string()).nullish() }));

/** Removes the containers of owners that are dead, and only those: other windows and terminals are alive. */
export async function sweepContainers(engine: Engine, signal: AbortSignal): Promise<number> {
  const filters = encodeURIComponent(JSON.stringify({ label: [ownerLabel] }));
  const path = `/containers/json?all=true&filters=${filters}`;
  const found = listSchema.parse(
    JSON.parse(await engineRequest(engine.connection, { method: 'GET', path, signal })),
  );
  const orphans = found.filter((container) => !mayBeAlive(container.Labels?.[ownerLabel] ?? ''));
  await Promise.all(orphans.map((container) => removeContainer(engine, container.Id, signal)));
  return orphans.length;
}

/** Removes a container and what runs in it; one that is gone already is fine. */
export async function removeContainer(engine: Engine, id: string, signal: AbortSignal): Promise<void> {
  try {
    await engineRequest(engine.connection, {
      method: 'DELETE',
      path: `/containers/${id}?force=true&v=true`,
      signal,
    });
  } catch (error) {
    // 404 and 409: it is gone, or being removed right now.
    if (statusOf(error) !== 404 && statusOf(error) !== 409) throw error;
  }
}
