import * as vscode from 'vscode';

const SCHEME = 'strata-edit';

/** A text that a person is asked to change, in an editor of its own. */
export interface TextPrompt {
  /** Name of the tab; its ending chooses the language. */
  readonly name: string;
  readonly text: string;
  /** What saving it means, such as `Call the tool with these`. */
  readonly confirm: string;
  /** What is wrong with the text; undefined when it will do. */
  readonly check?: (text: string) => string | undefined;
}

interface Open extends TextPrompt {
  content: Uint8Array;
  /** The person saves it themselves: saving after a delay is nobody's word. */
  confirmed: boolean;
  /** The text that was confirmed, until the editor says that it is saved. */
  saved: string | undefined;
  readonly done: (text: string | undefined) => void;
}

/**
 * Asks for longer texts than an input box can hold. The editor's file lives in memory: saving it by hand confirms it, closing
 * its tab calls it off.
 */
export class TextPrompts implements vscode.FileSystemProvider, vscode.CodeLensProvider, vscode.Disposable {
  readonly #open = new Map<string, Open>();
  readonly #changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changed.event;
  readonly #disposables: vscode.Disposable;
  #next = 1;

  constructor() {
    this.#disposables = vscode.Disposable.from(
      this.#changed,
      vscode.workspace.registerFileSystemProvider(SCHEME, this),
      vscode.languages.registerCodeLensProvider({ scheme: SCHEME }, this),
      vscode.workspace.onWillSaveTextDocument(({ document, reason }) => {
        const open = this.#open.get(document.uri.toString());
        if (open) open.confirmed = reason === vscode.TextDocumentSaveReason.Manual;
      }),
      vscode.workspace.onDidSaveTextDocument(({ uri }) => {
        const open = this.#open.get(uri.toString());
        if (open?.saved === undefined) return;
        open.done(open.saved);
        void closeTab(uri);
      }),
      vscode.window.tabGroups.onDidChangeTabs(({ closed }) => {
        for (const { input } of closed) {
          if (!(input instanceof vscode.TabInputText)) continue;
          this.#open.get(input.uri.toString())?.done(undefined);
          this.#open.delete(input.uri.toString());
        }
      }),
    );
  }

  /** The text as the person left it; undefined when they closed it. */
  async ask(prompt: TextPrompt): Promise<string | undefined> {
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${this.#next++}/${fileName(prompt.name)}` });
    const answer = new Promise<string | undefined>((done) => {
      const content = new TextEncoder().encode(prompt.text);
      this.#open.set(uri.toString(), { ...prompt, content, confirmed: false, saved: undefined, done });
    });
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, { preview: false });
    return answer;
  }

  provideCodeLenses({ uri }: vscode.TextDocument): vscode.CodeLens[] {
    const open = this.#open.get(uri.toString());
    if (!open) return [];
    const top = new vscode.Range(0, 0, 0, 0);
    const save = { title: `$(check) ${open.confirm}`, command: 'workbench.action.files.save' };
    const cancel = { title: 'Cancel', command: 'workbench.action.revertAndCloseActiveEditor' };
    return [new vscode.CodeLens(top, save), new vscode.CodeLens(top, cancel)];
  }

  stat(uri: vscode.Uri): vscode.FileStat {
    const { content } = this.#found(uri);
    return { type: vscode.FileType.File, ctime: 0, mtime: Date.now(), size: content.length };
  }

  readFile(uri: vscode.Uri): Uint8Array {
    return this.#found(uri).content;
  }

  writeFile(uri: vscode.Uri, content: Uint8Array): void {
    const open = this.#found(uri);
    open.content = content;
    if (!open.confirmed) return;
    open.confirmed = false;
    const text = new TextDecoder().decode(content);
    const problem = open.check?.(text);
    if (problem !== undefined) throw new vscode.FileSystemError(problem);
    // The tab is closed when the editor has seen it: a changed one would ask whether to keep it.
    open.saved = text;
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

  delete(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  rename(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  dispose(): void {
    this.#disposables.dispose();
  }

  #found(uri: vscode.Uri): Open {
    const open = this.#open.get(uri.toString());
    if (!open) throw vscode.FileSystemError.FileNotFound(uri);
    return open;
  }
}

async function closeTab(uri: vscode.Uri): Promise<void> {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  const ours = tabs.filter(
    ({ input }) => input instanceof vscode.TabInputText && input.uri.toString() === uri.toString(),
  );
  await vscode.window.tabGroups.close(ours);
}

/** Names of tools and agents come from elsewhere; a slash would make a folder of them. */
function fileName(name: string): string {
  return name.replace(/[^\w. -]+/g, '-');
}
