import * as vscode from 'vscode';
import { StrataError } from '../base/errors.ts';

/** Throws where nothing may run. */
export function requireTrust(): void {
  if (vscode.workspace.isTrusted) return;
  throw new StrataError(
    'not-trusted',
    'This folder is not trusted, so no agent and no tool starts in it.',
    'Trust it with “Workspaces: Manage Workspace Trust” if you know where it comes from.',
  );
}
