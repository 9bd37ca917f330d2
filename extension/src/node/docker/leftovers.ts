import type { Connection } from './connection.ts';
import { engineRequest, statusOf } from './engine-request.ts';

/** The label of everything that this program makes on an engine: who made it. */
export const ownerLabel = 'strata.owner';

export type ThingKind = 'container' | 'volume' | 'network';

/** Something on an engine that has an owner. */
export interface Thing {
  readonly kind: ThingKind;
  readonly id: string;
  readonly owner: string;
}

/**
 * What is there of one owner, or of all; containers first, since they hold the others. Answers are read by hand: this file
 * also runs in the reaper, which is kept small.
 */
export async function listThings(
  connection: Connection,
  signal: AbortSignal,
  owner?: string,
): Promise<readonly Thing[]> {
  const label = owner === undefined ? ownerLabel : `${ownerLabel}=${owner}`;
  const filters = encodeURIComponent(JSON.stringify({ label: [label] }));
  const ask = async (path: string): Promise<unknown> =>
    JSON.parse(await engineRequest(connection, { method: 'GET', path: `${path}filters=${filters}`, signal }));
  const [containers, volumes, networks] = await Promise.all([
    ask('/containers/json?all=true&'),
    ask('/volumes?'),
    ask('/networks?'),
  ]);
  return [
    ...(await withoutGhosts(read('container', containers, 'Id'), containers, ask)),
    ...read('volume', property(volumes, 'Volumes'), 'Name'),
    ...read('network', networks, 'Id'),
  ];
}

/**
 * An engine that removes a container while it comes back from a crash may list it as dead until it is started the next
 * time, and know nothing of it when it is asked. Nothing is left of that one, and nobody can remove it.
 */
async function withoutGhosts(
  things: readonly Thing[],
  listed: unknown,
  ask: (path: string) => Promise<unknown>,
): Promise<readonly Thing[]> {
  const dead = Array.isArray(listed) ? listed.filter((entry) => property(entry, 'State') === 'dead') : [];
  const ghosts = await Promise.all(
    dead.map(async (entry) => {
      const id = property(entry, 'Id');
      return ask(`/containers/${String(id)}/json?`).then(
        () => undefined,
        (error: unknown) => (statusOf(error) === 404 ? id : undefined),
      );
    }),
  );
  return things.filter(({ id }) => !ghosts.includes(id));
}

function read(kind: ThingKind, list: unknown, key: string): readonly Thing[] {
  if (!Array.isArray(list)) return []; // An engine without any answers with null.
  return list.flatMap((entry: unknown) => {
    const id = property(entry, key);
    const owner = property(property(entry, 'Labels'), ownerLabel);
    return typeof id === 'string' && typeof owner === 'string' ? [{ kind, id, owner }] : [];
  });
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** Removes a thing and, of a container, what runs in it. False when it is still there, held by something else. */
export async function removeThing(
  connection: Connection,
  { kind, id }: Omit<Thing, 'owner'>,
  signal: AbortSignal,
): Promise<boolean> {
  const path = {
    container: `/containers/${id}?force=true&v=true`,
    volume: `/volumes/${encodeURIComponent(id)}?force=true`,
    network: `/networks/${id}`,
  }[kind];
  try {
    await engineRequest(connection, { method: 'DELETE', path, signal });
    return true;
  } catch (error) {
    const status = statusOf(error);
    if (status === 404) return true;
    // It is being removed right now, or what uses it is; a network whose endpoints are going says 403.
    if (status === 409 || (status === 403 && kind === 'network')) return false;
    throw error;
  }
}

/** Containers first, since they hold the others. Returns those that are gone. */
export async function removeThings(
  connection: Connection,
  things: readonly Thing[],
  signal: AbortSignal,
): Promise<readonly Thing[]> {
  const removed: Thing[] = [];
  for (const kinds of [['container'], ['volume', 'network']])
    await Promise.all(
      things
        .filter(({ kind }) => kinds.includes(kind))
        .map(async (thing) => {
          // One that cannot be removed keeps none of the others.
          if (await removeThing(connection, thing, signal).catch(() => false)) removed.push(thing);
        }),
    );
  return removed;
}
