import * as vscode from 'vscode';
import { isStrataError } from '../base/errors.ts';
import type { FolderRoutesHost } from '../folder-routes.ts';
import type { LentModel } from './lent-models/index.ts';
import { OWN_VENDOR } from './own-vendor.ts';
import { requireTrust } from './require-trust.ts';
import type { Sessions } from './sessions.ts';
import { watchStrataFile } from './watch-files.ts';

export interface LentModelsHost {
  readonly sessions: Sessions;
  readonly routes: FolderRoutesHost;
  readonly version: string;
  readonly onDidChangeKeys: vscode.Event<unknown>;
  readonly report: (error: unknown) => void;
}

/** An editor writes a file in pieces, and keys are set in twos and threes. */
const SETTLE_MS = 200;

/**
 * Offers the routes of the first folder to the editor's own chat, as models. Its code is loaded when the editor asks what
 * models there are, and the folder is opened with the first request.
 */
export function registerLentModels({
  sessions,
  routes,
  version,
  onDidChangeKeys,
  report,
}: LentModelsHost): vscode.Disposable {
  const load = () => import('./lent-models/index.ts');
  const changed = new vscode.EventEmitter<void>();
  let timer: NodeJS.Timeout | undefined;
  const later = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => changed.fire(), SETTLE_MS);
  };

  const list = async (): Promise<LentModel[]> => {
    const folder = firstFolder();
    if (!folder || !vscode.workspace.isTrusted) return [];
    try {
      return [...(await (await load()).lentModels(folder.uri.fsPath, routes, version))];
    } catch (error) {
      // A mistake in a file of the folder is shown in the models' view, where it leads to its place.
      if (!isStrataError(error)) report(error);
      return [];
    }
  };

  const provider: vscode.LanguageModelChatProvider<LentModel> = {
    onDidChangeLanguageModelChatInformation: changed.event,
    provideLanguageModelChatInformation: list,
    provideLanguageModelChatResponse: async ({ id: route }, messages, options, progress, token) => {
      const { answer, asLanguageModelError, noFolderOpen } = await load();
      try {
        requireTrust();
        const folder = firstFolder();
        if (!folder) throw noFolderOpen();
        const { core } = await sessions.get(folder);
        await answer(core, { route, messages, options, progress, token });
      } catch (error) {
        throw asLanguageModelError(error);
      }
    },
    provideTokenCount: async (_model, text) => (await load()).countTokens(text),
  };

  return vscode.Disposable.from(
    vscode.lm.registerLanguageModelChatProvider(OWN_VENDOR, provider),
    changed,
    watchStrataFile('models.jsonc', later),
    onDidChangeKeys(later),
    vscode.workspace.onDidChangeWorkspaceFolders(later),
    vscode.workspace.onDidGrantWorkspaceTrust(later),
    new vscode.Disposable(() => clearTimeout(timer)),
    ...(routes.editorModels ? [routes.editorModels.onDidChange(later)] : []),
  );
}

/** The editor does not say for which folder it asks. */
function firstFolder(): vscode.WorkspaceFolder | undefined {
  return vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file');
}
