import * as vscode from 'vscode';
import { StrataError } from '../base/errors.ts';
import type { FoundTools, Offer } from './tools/index.ts';

export interface OfferHost {
  /** Of the workspace. */
  readonly memento: vscode.Memento;
  readonly find: () => Promise<FoundTools>;
  readonly list: (found: FoundTools, before: readonly Offer[]) => Promise<readonly Offer[]>;
  readonly onDidChange: vscode.Event<undefined>;
  readonly report: (error: unknown) => void;
}

const REMEMBERED = 'strata.offeredServers';
/** Stands for the address until the editor starts the server, when the gateway is opened. */
const NOT_YET = vscode.Uri.parse('http://127.0.0.1/strata');

/**
 * Lends the servers that are set up to the rest of the editor, through the folder's gateway. The editor asks for the list as
 * it starts, so it is answered from memory; folders are not opened for it, and the gateway is opened when a server is started.
 */
export function offerServers({ memento, find, list, onDidChange, report }: OfferHost): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  let offers = readOffers(memento.get(REMEMBERED));
  let following = Promise.resolve();

  /** Follows the folders once something else has opened them. */
  const follow = async (): Promise<void> => {
    const now = await list(await find(), offers);
    if (JSON.stringify(now) === JSON.stringify(offers)) return;
    offers = now;
    await memento.update(REMEMBERED, now);
    changed.fire();
  };

  return vscode.Disposable.from(
    changed,
    onDidChange(() => {
      // One list after the other, so that an older one is never the last.
      if (vscode.workspace.isTrusted) following = following.then(follow).catch(report);
    }),
    vscode.lm.registerMcpServerDefinitionProvider('strata.servers', {
      onDidChangeMcpServerDefinitions: changed.event,
      provideMcpServerDefinitions: () =>
        vscode.workspace.isTrusted
          ? offers.map(
              ({ label, version }) => new vscode.McpHttpServerDefinition(label, NOT_YET, {}, version),
            )
          : [],
      resolveMcpServerDefinition: async (definition) => {
        const offer = offers.find(({ label }) => label === definition.label);
        const { folders } = await find();
        const owner = folders.find(({ folder }) => folder === offer?.folder);
        if (!offer || !owner || !(definition instanceof vscode.McpHttpServerDefinition))
          throw serverGone(definition.label);
        const gateway = await owner.gateway();
        definition.uri = vscode.Uri.parse(gateway.url(offer.server), true);
        definition.headers = { ...gateway.headers };
        return definition;
      },
    }),
  );
}

/** Foreign to this version of Strata: another may have written it. */
function readOffers(stored: unknown): readonly Offer[] {
  if (!Array.isArray(stored)) return [];
  return stored.flatMap((one: unknown) => {
    if (typeof one !== 'object' || one === null) return [];
    const { folder, server, label, version } = one as Record<string, unknown>;
    const isWhole = [folder, server, label, version].every((part) => typeof part === 'string');
    return isWhole ? [{ folder, server, label, version } as Offer] : [];
  });
}

function serverGone(label: string): StrataError {
  return new StrataError(
    'server-gone',
    `The server “${label}” is not in an open folder any more.`,
    'Look at the Tools view of Strata for what there is.',
  );
}
