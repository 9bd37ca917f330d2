import type { NewServer, ServerDefinition, ServerState, ToolHost } from '../../core/tools/index.ts';
import { agreementOf } from './agreement.ts';
import type { DefinitionFiles } from './definition-files.ts';
import type { EditorServers } from './editor-servers.ts';
import { serverUnknown } from './errors.ts';
import type { HostContext } from './launch.ts';
import type { OpenedServer } from './opened-server.ts';
import { stateOf } from './server-states.ts';
import { setUpServer } from './set-up.ts';

export interface ServerChangesParts {
  readonly context: HostContext;
  readonly files: DefinitionFiles;
  readonly editor: EditorServers;
  /** Names of those that are being set up. */
  readonly settingUp: Set<string>;
  /** On what a run would give it, to be looked at. */
  readonly openToTry: (definition: ServerDefinition, signal: AbortSignal) => Promise<OpenedServer>;
  /** Ends what runs share of it. */
  readonly forgetShared: (name: string) => Promise<void>;
  readonly onProgressTo: (onProgress: (text: string) => void) => void;
  readonly onChanged: () => void;
}

type ServerChanges = Pick<ToolHost, 'setUp' | 'add' | 'accept' | 'remove' | 'setEnabled' | 'stop'>;

/** What a person does to the servers of a folder. */
export function serverChanges({
  context,
  files,
  editor,
  settingUp,
  openToTry,
  forgetShared,
  onProgressTo,
  onChanged,
}: ServerChangesParts): ServerChanges {
  const { known, live } = context;

  const definitionOf = async (name: string): Promise<ServerDefinition> => {
    const { definitions } = await files.read();
    const found = definitions.find((one) => one.name === name);
    if (!found)
      throw serverUnknown(
        name,
        definitions.map((one) => one.name),
      );
    return found;
  };
  const state = async (name: string): Promise<ServerState> =>
    stateOf(context, await definitionOf(name), settingUp);

  const setUp: ToolHost['setUp'] = async (name, given) => {
    const definition = await definitionOf(name);
    settingUp.add(name);
    onChanged();
    onProgressTo(given.onProgress);
    try {
      await forgetShared(name);
      await setUpServer(context, definition, () => openToTry(definition, given.signal), given);
    } finally {
      settingUp.delete(name);
      onChanged();
    }
    context.onToolsChanged();
    return state(name);
  };

  return {
    setUp,
    add: async (server, given) => {
      let undo = await files.add(server);
      try {
        const state = await setUp(server.name, given);
        const pinned = pinnedTo(server, known.server(server.name).exact);
        if (!pinned) return state;
        // Whoever gets the file gets the same.
        await undo();
        undo = await files.add(pinned);
        return await setUp(server.name, { ...given, agreed: true });
      } catch (error) {
        await undo();
        known.forget(server.name);
        onChanged();
        throw error;
      }
    },
    accept: async (name, names) => {
      const ofEditor = await editor.accept(name, names);
      if (ofEditor) {
        context.onToolsChanged();
        return ofEditor;
      }
      const definition = await definitionOf(name);
      const listed = known.newestListing(name, agreementOf(definition));
      known.accept(
        name,
        listed.filter((tool) => names.includes(tool.name)),
      );
      context.onToolsChanged();
      return state(name);
    },
    remove: async (name) => {
      await files.remove(await definitionOf(name));
      await forgetShared(name);
      await live.stop(name);
      known.forget(name);
      context.onToolsChanged();
    },
    setEnabled: async (name, enabled) => {
      await files.setEnabled(await definitionOf(name), enabled);
      if (!enabled) await live.stop(name);
      context.onToolsChanged();
    },
    stop: async (name) => {
      await definitionOf(name);
      await live.stop(name);
      onChanged();
    },
  };
}

/** The same server by its exact version or digest; undefined where it is named by that already. */
function pinnedTo(server: NewServer, exact: string | undefined): NewServer | undefined {
  const { source } = server;
  if (exact === undefined) return undefined;
  if (source.kind === 'npm' && source.package !== exact)
    return { ...server, source: { ...source, package: exact } };
  if (source.kind === 'image' && source.image !== exact)
    return { ...server, source: { ...source, image: exact } };
  return undefined;
}
