import path from 'node:path';
import * as vscode from 'vscode';
import type { RunFileEditor } from './trace-panel/index.ts';
import { runFileTooLarge } from './run-file-errors.ts';

const RUN_FILE = 'strata.runFile';
/** It is read whole, and its YAML takes some twenty times its size to be taken apart. */
const MOST_BYTES = 64 * 1024 ** 2;

/**
 * Shows `*.strata-run` files in the trace panel, read-only, also in a folder that is not trusted and from another machine: a file
 * is looked at, and nothing of it is executed. What reads and shows it is loaded with the first one.
 */
export function registerRunFiles(extensionUri: vscode.Uri): vscode.Disposable {
  const provider: vscode.CustomReadonlyEditorProvider = {
    openCustomDocument: (uri) => ({ uri, dispose: () => undefined }),
    resolveCustomEditor: async ({ uri }, panel) => {
      const { openRunFileEditor } = await import('./trace-panel/index.ts');
      const editor = openRunFileEditor(panel, extensionUri);
      const closed = new AbortController();
      const show = async (): Promise<void> => {
        await showFile(editor, uri, closed.signal);
      };
      const watcher = watch(uri, () => void show());
      panel.onDidDispose(() => {
        closed.abort();
        watcher.dispose();
        editor.dispose();
      });
      await show();
    },
  };
  return vscode.window.registerCustomEditorProvider(RUN_FILE, provider, {
    supportsMultipleEditorsPerDocument: true,
  });
}

async function showFile(editor: RunFileEditor, uri: vscode.Uri, closed: AbortSignal): Promise<void> {
  try {
    const { readRecording } = await import('../node/recordings/index.ts');
    const name = path.posix.basename(uri.path);
    const { size } = await vscode.workspace.fs.stat(uri);
    if (size > MOST_BYTES) throw runFileTooLarge(name, size);
    const bytes = await vscode.workspace.fs.readFile(uri);
    if (!closed.aborted) editor.show({ filed: readRecording(new TextDecoder().decode(bytes), name) });
  } catch (error) {
    // The page says what is wrong with the file, and what to do.
    if (!closed.aborted) editor.show({ error });
  }
}

function watch(uri: vscode.Uri, onDidChange: () => void): vscode.Disposable {
  const pattern = new vscode.RelativePattern(vscode.Uri.joinPath(uri, '..'), path.posix.basename(uri.path));
  const watcher = vscode.workspace.createFileSystemWatcher(pattern);
  watcher.onDidChange(onDidChange);
  watcher.onDidCreate(onDidChange);
  return watcher;
}
