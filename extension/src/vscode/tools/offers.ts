import { createHash } from 'node:crypto';
import type { ServerState, ServerStatus } from '../../core/tools/index.ts';
import type { FolderTools } from './folder-tools.ts';
import type { FoundTools } from './tree.ts';

/** A server that the editor's own agents may have, as it was when the folder was last open. */
export interface Offer {
  readonly folder: string;
  readonly server: string;
  /** What the editor shows of it; two folders may have a server of the same name. */
  readonly label: string;
  readonly version: string;
}

/**
 * The servers that are set up, as the editor is told of them. It stops a server that it is no longer told of, with the calls that
 * are under way; so one that was offered `before` stays while it is set up anew, or cannot start: its next call says why.
 */
export async function listOffers(
  { folders }: FoundTools,
  before: readonly Offer[],
): Promise<readonly Offer[]> {
  const lists = await Promise.all(
    folders.map((tools) => {
      const offered = before.filter(({ folder }) => folder === tools.folder);
      return offersOf(tools, folders.length > 1, offered);
    }),
  );
  return lists.flat();
}

async function offersOf(
  { folder, name, host }: FolderTools,
  several: boolean,
  before: readonly Offer[],
): Promise<readonly Offer[]> {
  let states: readonly ServerState[];
  try {
    states = await host.servers();
  } catch {
    // A mistake in its files, which the view shows.
    return before;
  }
  return states.flatMap(({ status, definition, image, tools }) => {
    if (definition.origin === 'editor') return [];
    if (OUT_FOR_NOW.has(status)) return before.filter(({ server }) => server === definition.name);
    if (!SET_UP.has(status)) return [];
    // The editor asks for the tools again when it is another.
    const version = createHash('sha256')
      .update(JSON.stringify([image, tools.map((tool) => tool.name)]))
      .digest('hex')
      .slice(0, VERSION_CHARACTERS);
    const label = several ? `Strata ${definition.name} (${name})` : `Strata ${definition.name}`;
    return [{ folder, server: definition.name, label, version }];
  });
}

const SET_UP: ReadonlySet<ServerStatus> = new Set(['ready', 'running']);
const OUT_FOR_NOW: ReadonlySet<ServerStatus> = new Set(['setting-up', 'failed', 'unavailable']);
const VERSION_CHARACTERS = 16;
