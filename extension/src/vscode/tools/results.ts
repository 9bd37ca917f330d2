import * as vscode from 'vscode';
import type { JsonObject } from '../../base/json.ts';
import type { ToolResult } from '../../core/tools/index.ts';
import type { RunId } from '../../protocol/run-event.ts';
import { resultFiles } from './result-text.ts';

const SCHEME = 'strata-result';
/** Results that can still be opened; an older one is in its run's trace. */
const KEPT = 20;

export interface CallOutcome {
  readonly folder: string;
  readonly tool: string;
  readonly arguments: JsonObject;
  readonly run: RunId;
  readonly result: ToolResult;
  readonly ms: number;
}

/**
 * The results of a person's calls as read-only documents, with their images as files beside them. They are what a person looks
 * at now; what stays is the run's trace.
 */
export class Results implements vscode.FileSystemProvider, vscode.CodeLensProvider, vscode.Disposable {
  readonly #files = new Map<string, Uint8Array>();
  readonly #outcomes = new Map<string, CallOutcome>();
  readonly #changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changed.event;
  readonly #disposables: vscode.Disposable;

  constructor() {
    this.#disposables = vscode.Disposable.from(
      this.#changed,
      vscode.workspace.registerFileSystemProvider(SCHEME, this, { isReadonly: true }),
      vscode.languages.registerCodeLensProvider({ scheme: SCHEME }, this),
    );
  }

  async show(outcome: CallOutcome): Promise<void> {
    this.#outcomes.set(outcome.run, outcome);
    for (const { name, content } of resultFiles(outcome)) this.#files.set(`/${outcome.run}/${name}`, content);
    this.#forgetOld();
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${outcome.run}/${outcome.tool}.md` });
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, { preview: true });
  }

  provideCodeLenses({ uri }: vscode.TextDocument): vscode.CodeLens[] {
    const outcome = this.#outcomes.get(uri.path.split('/')[1] ?? '');
    if (!outcome) return [];
    const { run, folder, tool, arguments: given } = outcome;
    const top = new vscode.Range(0, 0, 0, 0);
    const images = [...this.#files.keys()].filter(
      (path) => /\/image-\d+\.\w+$/.test(path) && path.startsWith(`/${run}/`),
    );
    return [
      new vscode.CodeLens(top, {
        title: '$(list-tree) Open Trace',
        command: 'strata.openTrace',
        arguments: [{ run, folder }],
      }),
      new vscode.CodeLens(top, {
        title: '$(debug-rerun) Call Again…',
        command: 'strata.callTool',
        arguments: [{ folder, tool, arguments: given, ask: true }],
      }),
      ...images.map(
        (path, i) =>
          new vscode.CodeLens(top, {
            title: `$(file-media) Image ${i + 1}`,
            command: 'vscode.open',
            arguments: [vscode.Uri.from({ scheme: SCHEME, path })],
          }),
      ),
    ];
  }

  stat(uri: vscode.Uri): vscode.FileStat {
    return { type: vscode.FileType.File, ctime: 0, mtime: 0, size: this.readFile(uri).length };
  }

  readFile(uri: vscode.Uri): Uint8Array {
    const content = this.#files.get(uri.path);
    if (!content) throw vscode.FileSystemError.FileNotFound(uri);
    return content;
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  readDirectory(): [string, vscode.FileType][] {
    return [];
  }

  createDirectory(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  writeFile(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  delete(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  rename(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  dispose(): void {
    this.#disposables.dispose();
    this.#files.clear();
    this.#outcomes.clear();
  }

  #forgetOld(): void {
    const [oldest] = this.#outcomes.keys();
    if (this.#outcomes.size <= KEPT || oldest === undefined) return;
    this.#outcomes.delete(oldest);
    for (const path of [...this.#files.keys()]) if (path.startsWith(`/${oldest}/`)) this.#files.delete(path);
  }
}
