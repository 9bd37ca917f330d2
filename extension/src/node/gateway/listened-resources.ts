import type { Disposable } from '../../base/disposable.ts';
import { facesWith } from './faces.ts';
import type { NamedFace } from './faces.ts';
import type { Scope } from './scope.ts';

const UNSUBSCRIBE_LIMIT_MS = 10_000;

/** A stream that wants to hear of resources needs somebody to ask their servers for it. */
export async function listenToResources(
  scope: Scope,
  uris: readonly string[],
  signal: AbortSignal,
): Promise<Disposable> {
  if (uris.length === 0) return { dispose: () => undefined };
  const faces = await facesWith(scope, 'resources', signal);
  const each = async (ask: (face: NamedFace['face'], uri: string) => Promise<void>): Promise<void> => {
    // Which server has which is not known; one that does not have it says so, and that is all.
    await Promise.allSettled(faces.flatMap(({ face }) => uris.map((uri) => ask(face, uri))));
  };
  await each((face, uri) => face.subscribe(uri, signal));
  const dispose = (): void => {
    const limit = AbortSignal.timeout(UNSUBSCRIBE_LIMIT_MS);
    void each((face, uri) => face.unsubscribe(uri, limit));
  };
  return { dispose };
}
