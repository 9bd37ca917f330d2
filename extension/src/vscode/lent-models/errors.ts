import * as vscode from 'vscode';
import { readBudgetReason } from '../../core/models/index.ts';
import { isStrataError, messageOf, StrataError } from '../../base/errors.ts';

export function noFolderOpen(): StrataError {
  return new StrataError(
    'folder-not-open',
    'No folder is open, so there are no routes, and there is no log for what is asked.',
    'Open a folder first.',
  );
}

/**
 * The kinds of errors that the editor's API knows, for whoever asked: the code says whether asking again makes sense, and the
 * text what to do.
 */
export function asLanguageModelError(error: unknown): Error {
  if (!isStrataError(error)) return new vscode.LanguageModelError(messageOf(error));
  const text = `${error.message} ${error.action}`;
  switch (error.code) {
    case 'stopped':
    case 'model-cancelled':
      return new vscode.CancellationError();
    case 'model-auth':
    case 'not-trusted':
      return vscode.LanguageModelError.NoPermissions(text);
    case 'model-no-route':
    case 'folder-not-open':
      return vscode.LanguageModelError.NotFound(text);
    case 'model-rate-limit':
    case 'model-content-policy':
      return vscode.LanguageModelError.Blocked(text);
    default:
      return readBudgetReason(error.code)
        ? vscode.LanguageModelError.Blocked(text)
        : new vscode.LanguageModelError(text);
  }
}
