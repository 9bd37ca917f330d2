import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.ts';
import type { BlobId, RunEvent, RunId, StepId } from '../../protocol/run-event.ts';
import { foldRun } from '../../protocol/run-view.ts';
import type { RunView } from '../../protocol/run-view.ts';
import { machineClock } from '../machine-clock.ts';
import { pageOf, webviewOptions } from '../webview-files.ts';
import { onlyInLog } from './errors.ts';
import { panelEditor } from './panels.ts';
import type { PanelActions, RunSource } from './ports.ts';
import { PanelSession } from './session.ts';

/** A run with its sub-runs, read from a file. */
export interface FiledRun {
  readonly root: RunId;
  readonly log: {
    readonly read: (run: RunId, afterSeq?: number) => readonly RunEvent[];
    readonly getBlob: (id: BlobId) => string;
  };
}

export type FileContents = { readonly filed: FiledRun } | { readonly error: unknown };

/** A run of a file, in an editor that VS Code has made for it. */
export interface RunFileEditor extends Disposable {
  /** What the file holds now, or why it cannot be shown: the page says that. */
  show(contents: FileContents): void;
}

export function openRunFileEditor(panel: vscode.WebviewPanel, extensionUri: vscode.Uri): RunFileEditor {
  const { webview } = panel;
  let session: PanelSession | undefined;
  webview.options = webviewOptions(extensionUri);
  panel.iconPath = vscode.Uri.joinPath(extensionUri, 'media', 'strata.svg');
  webview.onDidReceiveMessage((message: unknown) => session?.receive(message));
  panel.onDidChangeViewState(() => {
    if (!panel.visible) session?.hidden();
  });
  return {
    show: (contents) => {
      session?.dispose();
      const own = new PanelSession('filed' in contents ? contents.filed.root : '', {
        source: sourceOf(contents),
        actions: readOnly((run, step) => own.show(run, step)),
        editor: panelEditor,
        post: (message) => void webview.postMessage(message),
        ...machineClock,
      });
      session = own;
      // A page that is loaded asks for its run; this one asks again.
      webview.html = pageOf(webview, extensionUri, { name: 'trace', title: 'Strata trace' });
    },
    dispose: () => session?.dispose(),
  };
}

function sourceOf(contents: FileContents): RunSource {
  const filed = (): FiledRun => {
    if ('error' in contents) throw contents.error;
    return contents.filed;
  };
  const views = new Map<RunId, RunView | undefined>();
  return {
    view: (run) => {
      const { log } = filed();
      if (!views.has(run)) views.set(run, foldRun(log.read(run)));
      return views.get(run);
    },
    read: (run, afterSeq) => filed().log.read(run, afterSeq),
    onDidAppend: () => ({ dispose: () => undefined }),
    getBlob: (id) => filed().log.getBlob(id),
    facts: () => ({ live: false, own: false, waiting: [], fromFile: true }),
  };
}

/** The page offers none of these for a run from a file; whoever asks all the same is told why. */
function readOnly(openRun: (run: RunId, step: StepId | undefined) => void): PanelActions {
  const refuse = (): Promise<never> => Promise.reject(onlyInLog());
  return {
    ...{ stop: refuse, pause: refuse, resume: refuse, replay: refuse, rerun: refuse, apply: refuse },
    ...{ undo: refuse, discard: refuse, export: refuse, steer: refuse, fork: refuse, decide: refuse },
    openDiff: refuse,
    openRun: (run, step) => {
      openRun(run, step);
      return Promise.resolve();
    },
  };
}
