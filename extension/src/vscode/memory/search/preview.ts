import path from 'node:path';
import * as vscode from 'vscode';
import type { Place } from '../../../core/memory/index.ts';

/** Where a place is in an open editor. Files change after they were indexed, so what is beyond the end is its last line. */
export async function openPlace(
  folder: string,
  place: Place,
  options: Omit<vscode.TextDocumentShowOptions, 'selection'> = {},
): Promise<vscode.TextEditor> {
  const document = await vscode.workspace.openTextDocument(path.join(folder, place.path));
  const last = document.lineAt(Math.min(place.endLine, document.lineCount) - 1);
  const first = Math.min(place.startLine, document.lineCount) - 1;
  const selection = new vscode.Range(new vscode.Position(first, 0), last.range.end);
  const editor = await vscode.window.showTextDocument(document, { ...options, selection });
  editor.revealRange(selection, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  return editor;
}

/** Shows places while a person moves through a list, and puts the editor back as it was when they choose none. */
export class PlacePreview implements vscode.Disposable {
  readonly #before = whereTheyWere();
  readonly #tabs = new Set(textTabs().map(({ uri }) => uri));
  #shown: string | undefined;
  #wanted = 0;

  /** The newest call wins; one that was overtaken shows nothing. A file that is gone shows nothing. */
  async show(folder: string, place: Place): Promise<void> {
    const ticket = ++this.#wanted;
    const uri = vscode.Uri.file(path.join(folder, place.path));
    try {
      await vscode.workspace.openTextDocument(uri);
    } catch {
      // It may have been removed since it was indexed, or be no text; choosing it says so.
      return;
    }
    if (ticket !== this.#wanted) return;
    this.#shown = uri.toString();
    await openPlace(folder, place, { preview: true, preserveFocus: true });
  }

  async restore(): Promise<void> {
    this.#wanted += 1;
    if (this.#shown === undefined) return;
    const before = this.#before;
    if (before) {
      const { document, viewColumn, selection, range } = before;
      const column = viewColumn === undefined ? {} : { viewColumn };
      const editor = await vscode.window.showTextDocument(document, column);
      editor.selection = selection;
      if (range) editor.revealRange(range, vscode.TextEditorRevealType.AtTop);
    }
    // Asked for now: an editor that was a preview itself has taken its tab back.
    const shown = textTabs().filter(
      ({ uri, tab }) => uri === this.#shown && tab.isPreview && !this.#tabs.has(uri),
    );
    await vscode.window.tabGroups.close(
      shown.map(({ tab }) => tab),
      true,
    );
  }

  dispose(): void {
    this.#wanted += 1;
  }
}

function whereTheyWere() {
  const editor = vscode.window.activeTextEditor;
  if (!editor) return undefined;
  const { document, viewColumn, selection } = editor;
  return { document, viewColumn, selection, range: editor.visibleRanges[0] };
}

function textTabs(): readonly { readonly uri: string; readonly tab: vscode.Tab }[] {
  return vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .flatMap((tab) =>
      tab.input instanceof vscode.TabInputText ? [{ uri: tab.input.uri.toString(), tab }] : [],
    );
}
