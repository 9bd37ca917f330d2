import type * as vscode from 'vscode';
import { estimateMessage, estimateText } from '../../core/memory/working/token-estimate.ts';
import { AUTO } from '../../core/models/index.ts';
import type { ResolvedRoutes } from '../../core/models/index.ts';
import { readFolderConfig, resolveFolderRoutes } from '../../folder-routes.ts';
import type { FolderRoutesHost } from '../../folder-routes.ts';
import { fromEditor } from '../editor-messages/from-editor.ts';
import { describeAuto, describeRoute } from './describe-route.ts';
import type { LentModel } from './describe-route.ts';

export { answer } from './answer.ts';
export { asLanguageModelError, noFolderOpen } from './errors.ts';
export type { LentModel } from './describe-route.ts';

/** The routes of a folder as models; its log and its memory are not opened for them. */
export async function lentModels(
  folder: string,
  host: FolderRoutesHost,
  version: string,
): Promise<readonly LentModel[]> {
  const { routes }: ResolvedRoutes = await resolveFolderRoutes(await readFolderConfig(folder, host), host);
  const lent = [...routes.values()].flatMap((route) => describeRoute(route, version) ?? []);
  const auto = lent.some(({ id }) => id === AUTO) ? undefined : describeAuto(lent);
  return auto ? [auto, ...lent] : lent;
}

/** By estimate: a route has many models, each with a tokenizer of its own. */
export function countTokens(given: string | vscode.LanguageModelChatRequestMessage): number {
  if (typeof given === 'string') return estimateText(given);
  return fromEditor([given]).reduce((sum, message) => sum + estimateMessage(message), 0);
}
