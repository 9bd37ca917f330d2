import * as vscode from 'vscode';
import type { ChatHost } from './chat/index.ts';
import { OWN_VENDOR } from './own-vendor.ts';

/** The window has other things to do as it opens, and nobody writes a request faster. */
const MODELS_AFTER_MS = 1_000;

/** `@strata` in the editor's chat, by its id in the manifest. Its code is loaded with the first request. */
export function registerChat(host: ChatHost, extensionUri: vscode.Uri): vscode.Disposable {
  const load = () => import('./chat/index.ts');
  const participant = vscode.chat.createChatParticipant('strata.chat', async (...given) =>
    (await load()).answerInChat(host, ...given),
  );
  participant.iconPath = vscode.Uri.joinPath(extensionUri, 'media', 'strata.svg');
  const rated = participant.onDidReceiveFeedback(async (feedback) => {
    try {
      await (await load()).rateTurn(host, feedback);
    } catch (error) {
      host.report(error);
    }
  });
  return vscode.Disposable.from(participant, rated, offerModels(host.report));
}

/**
 * The editor hands no request to a participant while it knows no model, and asks for those of an extension when somebody
 * wants them. Without another model than Strata's, the first request of a window would be refused.
 */
function offerModels(report: (error: unknown) => void): vscode.Disposable {
  if (vscode.workspace.getConfiguration('chat').get('disableAIFeatures') === true)
    return { dispose: () => undefined };
  const timer = setTimeout(() => {
    vscode.lm.selectChatModels({ vendor: OWN_VENDOR }).then(undefined, report);
  }, MODELS_AFTER_MS);
  return { dispose: () => clearTimeout(timer) };
}
