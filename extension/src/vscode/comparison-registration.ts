import * as vscode from 'vscode';
import { loadOnce } from '../base/load-once.ts';
import type { RunComparison } from '../core/orchestration/compare/index.ts';
import type { ComparedPair } from '../protocol/compare-panel.ts';
import { openAsText, openFileOfBoth, pairTitle } from './compare/text-form.ts';
import type { ComparePanels } from './compare-panel/index.ts';
import type { CompareSource } from './compare-panel/ports.ts';
import type { Sessions } from './sessions.ts';

export interface ComparisonRegistrationHost {
  readonly extensionUri: vscode.Uri;
  readonly sessions: Sessions;
  readonly report: (error: unknown) => void;
}

export interface RegisteredComparison extends vscode.Disposable {
  show(pair: ComparedPair): Promise<RunComparison | undefined>;
}

/** The panels that compare two runs, made at first use: their bundle is not loaded before. */
export function registerComparison({
  extensionUri,
  sessions,
  report,
}: ComparisonRegistrationHost): RegisteredComparison {
  const panels = loadOnce(async (): Promise<ComparePanels> => {
    const [{ createComparePanels }, source] = await Promise.all([
      import('./compare-panel/index.ts'),
      sourceOf(sessions),
    ]);
    return createComparePanels({
      ...{ extensionUri, source },
      titleOf: (pair) => pairTitle(sessions, pair),
      actions: {
        openStep: async (run, step) =>
          vscode.commands.executeCommand('strata.openTrace', {
            run,
            ...(step === undefined ? {} : { step }),
          }),
        openText: (pair) => openAsText(sessions, pair),
        openFile: openFileOfBoth,
        chooseRuns: async () => vscode.commands.executeCommand('strata.compareRuns'),
      },
    });
  });
  const disposables: readonly { dispose(): unknown }[] = [
    sessions.onDidAppend(() => {
      panels.known()?.then((known) => {
        known.changed();
      }, report);
    }),
    vscode.window.registerWebviewPanelSerializer('strata.compare', {
      deserializeWebviewPanel: async (panel, state) => {
        await sessions.all();
        (await panels.get()).restore(panel, state);
      },
    }),
  ];
  return {
    show: async (pair) => (await panels.get()).open(pair),
    dispose: () => {
      for (const disposable of disposables) disposable.dispose();
      panels.known()?.then((known) => {
        known.dispose();
      }, report);
    },
  };
}

async function sourceOf(sessions: Sessions): Promise<CompareSource> {
  const { comparedView } = await import('../core/orchestration/compare/index.ts');
  return {
    find: (run) => {
      const session = sessions.owning(run);
      const view = session?.view(run);
      return (
        session &&
        view && {
          version: view.lastSeq,
          read: () => comparedView(session.core.store, view),
          fileAt: (tree, path) => session.core.fileAt(run, tree, path),
        }
      );
    },
  };
}
