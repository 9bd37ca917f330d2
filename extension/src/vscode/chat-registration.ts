import * as vscode from 'vscode';
import type { ChatHost } from './chat/index.ts';

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
  return vscode.Disposable.from(participant, rated);
}
