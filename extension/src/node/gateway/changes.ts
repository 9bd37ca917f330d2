import type { Server } from '@modelcontextprotocol/server';
import { Disposables } from '../../base/disposable.ts';
import type { Disposable } from '../../base/disposable.ts';
import type { Scope } from './scope.ts';
import type { ServerFace } from './session.ts';

/** Who is told that something is not as it was. */
export interface Changes {
  toolsChanged(): void;
  resourcesChanged(): void;
  promptsChanged(): void;
  resourceUpdated(uri: string): void;
}

/** Tells of what changes in the servers of the scope, as far as they have anything that can change. */
export function watchChanges(scope: Scope, changes: Changes): Disposable {
  const watching = new Disposables();
  const watchFace = (face: ServerFace): void => {
    watching.add(face.onDidChangeResources(() => changes.resourcesChanged()));
    watching.add(face.onDidChangePrompts(() => changes.promptsChanged()));
    watching.add(face.onDidUpdateResource((uri) => changes.resourceUpdated(uri)));
  };
  const watch = async (): Promise<void> => {
    const session = await scope.session();
    const toolsChanged = (): void => {
      // It may be another server altogether.
      scope.known.description = undefined;
      changes.toolsChanged();
    };
    watching.add(session.onDidChangeTools(toolsChanged));
    for (const [name, face] of session.faces)
      if (scope.server === undefined || scope.server === name) watchFace(face);
    watching.add(
      session.onDidOpenFace(({ name, face }) => {
        if (scope.server === undefined || scope.server === name) watchFace(face);
      }),
    );
  };
  // Whoever asks for something is told why there is no session.
  void watch().catch(() => undefined);
  return watching;
}

/** For a connection that stays: the server itself tells its client. */
export function notificationsOf(server: Server): Changes {
  // A client without a stream for notifications is not told; it sees the change when it looks.
  const sent = (sending: Promise<void>): void => void sending.catch(() => undefined);
  return {
    toolsChanged: () => sent(server.sendToolListChanged()),
    resourcesChanged: () => sent(server.sendResourceListChanged()),
    promptsChanged: () => sent(server.sendPromptListChanged()),
    resourceUpdated: (uri) => sent(server.sendResourceUpdated({ uri })),
  };
}
