import * as vscode from 'vscode';
import type { Sessions } from './sessions.ts';
import { launchConfiguration } from './debug-configuration.ts';
import type { Folders } from './replay-debugger/index.ts';

const DEBUG_TYPE = 'strata-replay';
const TRANSCRIPT: vscode.DocumentFilter = { language: 'strata-transcript' };

/** Makes the debugger and its documents known. Its code is loaded when a session starts or a transcript is opened. */
export function registerReplayDebugger(sessions: Sessions): vscode.Disposable {
  const changed = new vscode.EventEmitter<vscode.Uri>();
  const folders: Folders = async () =>
    (await sessions.all()).map((session) => ({
      list: (limit) => session.list(limit),
      has: (run) => session.has(run),
      isLive: (run) => session.isLive(run),
      log: session.core.store,
    }));
  /** What is shown of a run that was still going on may have grown. */
  const refresh = (): void => {
    for (const { uri } of vscode.workspace.textDocuments) if (uri.scheme === DEBUG_TYPE) changed.fire(uri);
  };
  const load = () => import('./replay-debugger/index.ts');

  return vscode.Disposable.from(
    changed,
    vscode.debug.registerDebugAdapterDescriptorFactory(DEBUG_TYPE, {
      createDebugAdapterDescriptor: async () =>
        new vscode.DebugAdapterInlineImplementation((await load()).createAdapter(folders, refresh)),
    }),
    vscode.debug.registerDebugConfigurationProvider(DEBUG_TYPE, {
      resolveDebugConfiguration: (_folder, given) => launchConfiguration(given),
    }),
    vscode.workspace.registerTextDocumentContentProvider(DEBUG_TYPE, {
      onDidChange: changed.event,
      provideTextDocumentContent: async (uri) => (await load()).readTranscript(folders, uri),
    }),
    vscode.languages.registerDocumentLinkProvider(TRANSCRIPT, {
      provideDocumentLinks: async (document) => (await load()).transcriptLinks(document),
    }),
    vscode.languages.registerDocumentSymbolProvider(TRANSCRIPT, {
      provideDocumentSymbols: async (document) => (await load()).transcriptSymbols(document),
    }),
  );
}
