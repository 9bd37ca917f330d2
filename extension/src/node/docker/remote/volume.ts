import { randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import * as z from 'zod';
import type { Engine } from '../engine.ts';
import { engineRequest } from '../engine-request.ts';
import { removeThing } from '../leftovers.ts';

const created = z.object({ Id: z.string() });

/**
 * Makes a volume whose root belongs to a user, `uid:gid`. A new volume belongs to root and the containers' user is nobody
 * who could change that, so the engine is asked to unpack an archive of one folder into a container that never runs.
 */
export async function makeVolume(
  engine: Engine,
  options: {
    readonly image: string;
    readonly user: string;
    readonly labels: Readonly<Record<string, string>>;
  },
  signal: AbortSignal,
): Promise<string> {
  const { image, user, labels } = options;
  const name = `strata-files-${randomUUID()}`;
  const ask = (method: 'POST' | 'PUT', path: string, body: object) =>
    engineRequest(engine.connection, { method, path, body, signal });
  engine.shared.guard();
  try {
    await ask('POST', '/volumes/create', { Name: name, Labels: labels });
    const door = `${name}-door`;
    try {
      const mount = { Type: 'volume', Source: name, Target: '/workspace', VolumeOptions: { NoCopy: true } };
      const body = { Image: image, Labels: labels, NetworkDisabled: true, HostConfig: { Mounts: [mount] } };
      const { Id } = created.parse(JSON.parse(await ask('POST', `/containers/create?name=${door}`, body)));
      await ask('PUT', `/containers/${Id}/archive?path=/`, await ownedFolder(user));
    } finally {
      await removeOrOwe(engine, 'container', door);
    }
    return name;
  } catch (error) {
    await removeOrOwe(engine, 'volume', name);
    throw error;
  }
}

/** Now, or later when it cannot be removed now. */
export async function removeOrOwe(engine: Engine, kind: 'container' | 'volume', id: string): Promise<void> {
  const gone = await removeThing(engine.connection, { kind, id }, AbortSignal.timeout(10_000)).catch(
    () => false,
  );
  if (!gone) engine.shared.removeLater(id, kind);
}

function ownedFolder(user: string): Promise<Buffer> {
  const [uid = 0, gid = 0] = user.split(':').map(Number);
  const tar = pack();
  tar.entry({ name: 'workspace', type: 'directory', mode: 0o755, uid, gid });
  tar.finalize();
  return buffer(Readable.from(tar));
}
