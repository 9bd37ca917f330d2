import { createHash } from 'node:crypto';
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

/** The servers that are set up, as the editor is told of them. */
export async function listOffers({ folders }: FoundTools): Promise<readonly Offer[]> {
  const lists = await Promise.all(folders.map((folder) => offersOf(folder, folders.length > 1)));
  return lists.flat();
}

async function offersOf({ folder, name, host }: FolderTools, several: boolean): Promise<readonly Offer[]> {
  const states = await host.servers().catch(() => {
    // A mistake in its files, which the view shows.
    return [];
  });
  return states
    .filter(
      ({ status, definition }) => ['ready', 'running'].includes(status) && definition.origin !== 'editor',
    )
    .map(({ definition, image, tools }) => ({
      folder,
      server: definition.name,
      label: several ? `Strata ${definition.name} (${name})` : `Strata ${definition.name}`,
      // The editor asks for the tools again when it is another.
      version: createHash('sha256')
        .update(JSON.stringify([image, tools.map((tool) => tool.name)]))
        .digest('hex')
        .slice(0, VERSION_CHARACTERS),
    }));
}

const VERSION_CHARACTERS = 16;
