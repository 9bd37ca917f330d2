import path from 'node:path';
import * as vscode from 'vscode';
import type { NamedFile } from './task.ts';

type Given = readonly Pick<vscode.ChatPromptReference, 'id' | 'value'>[];

/** The files among what came with a request, as the agent can find them: others are not in its copy of the folder. */
export function filesIn(folder: string, references: Given): readonly NamedFile[] {
  return references.flatMap(({ id, value }) => {
    const place = placeOf(value);
    const inside = place && pathIn(folder, place.uri);
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

function pathIn(folder: string, uri: vscode.Uri): string | undefined {
  if (uri.scheme !== 'file') return undefined;
  const relative = path.relative(folder, uri.fsPath);
  const isInside = relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative);
  return isInside ? relative.split(path.sep).join('/') : undefined;
}
