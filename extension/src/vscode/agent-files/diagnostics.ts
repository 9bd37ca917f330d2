import * as vscode from 'vscode';
import type { Mistake, TextRange } from '../../core/definition-file/index.ts';
import { placeOf, readFolder, type FolderDefinitions } from './definition-store.ts';
import { watchFiles } from '../watch-files.ts';

/** Long enough for a word to be typed, short enough to be seen as an answer to it. */
const SETTLED_MS = 250;

/** Keeps the diagnostics of all agent and workflow files up to date, and what they were made of. */
export class Diagnostics implements vscode.Disposable {
  readonly #collection = vscode.languages.createDiagnosticCollection('strata');
  readonly #folders = new Map<string, FolderDefinitions>();
  readonly #subscriptions: vscode.Disposable[];
  #timer: NodeJS.Timeout | undefined;
  #round = 0;

  constructor(report: (error: unknown) => void) {
    const again = (): void => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => void this.#refresh().catch(report), SETTLED_MS);
    };
    const ifOurs = ({ uri }: { readonly uri: vscode.Uri }): void => {
      if (placeOf(uri)) again();
    };
    const files = [
      '**/.{strata,github}/agents/*.agent.md',
      '**/.strata/workflows/*',
      '**/.strata/models.jsonc',
    ];
    this.#subscriptions = [
      watchFiles(files, '**/.{strata,github}{,/agents,/workflows}', again),
      vscode.workspace.onDidOpenTextDocument(ifOurs),
      vscode.workspace.onDidCloseTextDocument(ifOurs),
      vscode.workspace.onDidChangeTextDocument(({ document }) => ifOurs(document)),
      vscode.workspace.onDidChangeWorkspaceFolders(again),
    ];
    again();
  }

  /** What a folder's files say; read now if that has not been done yet. */
  async of(folder: vscode.WorkspaceFolder): Promise<FolderDefinitions> {
    return this.#folders.get(folder.uri.toString()) ?? (await readFolder(folder));
  }

  async #refresh(): Promise<void> {
    const round = ++this.#round;
    const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
    const read = await Promise.all(folders.map(readFolder));
    // A later reading has begun meanwhile, or all of this is over.
    if (round !== this.#round) return;
    this.#folders.clear();
    this.#collection.clear();
    for (const definitions of read) {
      this.#folders.set(definitions.folder.uri.toString(), definitions);
      for (const { path, mistakes } of definitions.files) {
        this.#collection.set(vscode.Uri.joinPath(definitions.folder.uri, path), mistakes.map(diagnosticOf));
      }
    }
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#round += 1;
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#collection.dispose();
  }
}

export function rangeOf({ start, end }: TextRange): vscode.Range {
  return new vscode.Range(start.line, start.character, end.line, end.character);
}

function diagnosticOf({ message, severity, code, range }: Mistake): vscode.Diagnostic {
  const level = severity === 'error' ? vscode.DiagnosticSeverity.Error : vscode.DiagnosticSeverity.Warning;
  const diagnostic = new vscode.Diagnostic(rangeOf(range), message, level);
  diagnostic.source = 'Strata';
  diagnostic.code = code;
  return diagnostic;
}
