import * as vscode from 'vscode';
import { AUTO } from '../../core/models/find-route.ts';
import { given } from '../dismissed.ts';
import type { FolderSession } from '../folder-session.ts';

/** One of the folder's routes, or one model of any of them. */
export async function pickRoute(session: FolderSession): Promise<string> {
  const { routes } = await session.core.routes();
  const models = new Set(
    [...routes.values()].flatMap(({ deployments }) => deployments.map(({ deployment }) => deployment.id)),
  );
  const items: vscode.QuickPickItem[] = [
    { label: 'models', kind: vscode.QuickPickItemKind.Separator },
    ...[...models].map((label) => ({ label })),
    { label: 'routes', kind: vscode.QuickPickItemKind.Separator },
    ...[...routes].map(([label, { deployments }]) => ({
      label,
      description: deployments.map(({ deployment }) => deployment.id).join(', '),
    })),
  ];
  if (!routes.has(AUTO)) items.push({ label: AUTO, description: 'picked by what the request holds' });
  return given(await vscode.window.showQuickPick(items, { placeHolder: 'Model or route' })).label;
}
