import path from 'node:path';
import * as vscode from 'vscode';
import { TASK_TYPES } from '../../core/models/catalogue.ts';
import { readRouteConfig } from '../../core/models/route-config.ts';
import {
  isAgentFile,
  isWorkflowFile,
  readDefinitions,
  type Definitions,
} from '../../core/orchestration/agent-file/index.ts';
import { readDefinitionFiles } from '../../node/agents/load-agents.ts';
import { readSettings } from '../../node/read-settings.ts';
import type { FileKind } from './suggestions.ts';

export interface FolderDefinitions extends Definitions {
  readonly folder: vscode.WorkspaceFolder;
  readonly routes: readonly string[];
}

/** An agent or workflow file of an open folder. */
export interface DefinitionPlace {
  readonly folder: vscode.WorkspaceFolder;
  /** Relative to the folder, with `/`. */
  readonly path: string;
  readonly kind: FileKind;
}

export function placeOf(uri: vscode.Uri): DefinitionPlace | undefined {
  const folder = uri.scheme === 'file' ? vscode.workspace.getWorkspaceFolder(uri) : undefined;
  if (!folder) return undefined;
  const relative = path.relative(folder.uri.fsPath, uri.fsPath).split(path.sep).join('/');
  if (isAgentFile(relative)) return { folder, path: relative, kind: 'agent' };
  return isWorkflowFile(relative) ? { folder, path: relative, kind: 'workflow' } : undefined;
}

/** What the files of a folder say as they stand in the editor, saved or not. */
export async function readFolder(folder: vscode.WorkspaceFolder): Promise<FolderDefinitions> {
  const [{ sources }, routes] = await Promise.all([
    readDefinitionFiles(folder.uri.fsPath),
    routesOf(folder.uri.fsPath),
  ]);
  const texts = new Map(sources.map(({ path: file, text }) => [file, text]));
  for (const document of vscode.workspace.textDocuments) {
    const place = placeOf(document.uri);
    if (place?.folder.uri.toString() === folder.uri.toString()) texts.set(place.path, document.getText());
  }
  const all = [...texts].map(([file, text]) => ({ path: file, text }));
  return { ...readDefinitions(all, routes), folder, routes: routes ?? TASK_TYPES };
}

/** Undefined when the file that may name more cannot be read: then no route can be called unknown. */
async function routesOf(folder: string): Promise<readonly string[] | undefined> {
  try {
    const config = await readSettings(folder, 'models.jsonc', readRouteConfig);
    return [...new Set([...TASK_TYPES, ...(config?.routes.keys() ?? [])])];
  } catch {
    // Its mistakes are reported where it is used.
    return undefined;
  }
}
