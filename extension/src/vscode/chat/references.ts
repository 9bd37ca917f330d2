import * as vscode from 'vscode';
import { pathInside } from '../../node/path-inside.ts';
import type { NamedFile } from './task.ts';

type Given = readonly Pick<vscode.ChatPromptReference, 'id' | 'value'>[];

/** The files among what came with a request, as the agent can find them: others are not in its copy of the folder. */
export function filesIn(folder: string, references: Given): readonly NamedFile[] {
  return references.flatMap(({ id, value }) => {
    const place = placeOf(value);
    const inside = place?.uri.scheme === 'file' ? pathInside(folder, place.uri.fsPath) : undefined;
    if (inside === undefined) return [];
    const implicit = id.startsWith('vscode.implicit');
    const lines = place?.range && ([place.range.start.line + 1, place.range.end.line + 1] as const);
    return [{ path: inside, implicit, ...(lines ? { lines } : {}) }];
  });
}

/** The folder of the first file that came with the request, or else of the editor that is open. */
export function folderMeant(references: Given): string | undefined {
  const uris = [
    ...references.flatMap(({ value }) => placeOf(value)?.uri ?? []),
    ...(vscode.window.activeTextEditor ? [vscode.window.activeTextEditor.document.uri] : []),
  ];
  for (const uri of uris) {
    const folder = vscode.workspace.getWorkspaceFolder(uri);
    if (folder) return folder.uri.fsPath;
  }
  return undefined;
}

function placeOf(value: unknown): { readonly uri: vscode.Uri; readonly range?: vscode.Range } | undefined {
  if (value instanceof vscode.Uri) return { uri: value };
  return value instanceof vscode.Location ? value : undefined;
}
