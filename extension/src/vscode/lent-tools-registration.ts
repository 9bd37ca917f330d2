import * as vscode from 'vscode';
import type { Sessions } from './sessions.ts';
import type { FolderTools } from './tools/index.ts';

/** Tools of Strata for the editor's own agents, by the names in the manifest. Their code is loaded with the first call. */
export function registerLentTools(
  sessions: Sessions,
  find: () => Promise<readonly FolderTools[]>,
): vscode.Disposable {
  const load = () => import('./lent-tools/index.ts');
  return vscode.Disposable.from(
    vscode.lm.registerTool<object>('strata_search_memory', {
      prepareInvocation: () => ({ invocationMessage: 'Searching the workspace memory' }),
      invoke: async (options, token) => (await load()).searchMemory(sessions, options, token),
    }),
    vscode.lm.registerTool<object>('strata_recall_memory', {
      prepareInvocation: () => ({ invocationMessage: 'Recalling notes and earlier runs' }),
      invoke: async (options, token) => (await load()).recallMemory(sessions, options, token),
    }),
    vscode.lm.registerTool<object>('strata_run_command', {
      prepareInvocation: async (options) => (await load()).prepareRunCommand(options),
      invoke: async (options, token) => (await load()).runCommand(find, options, token),
    }),
    vscode.lm.registerTool<object>('strata_read_trace', {
      prepareInvocation: () => ({ invocationMessage: 'Reading the trace of a run' }),
      invoke: async (options) => {
        const folders = async () =>
          (await sessions.all()).map((session) => ({
            list: (limit: number) => session.list(limit),
            has: (run: string) => session.has(run),
            isLive: (run: string) => session.isLive(run),
            log: session.core.store,
          }));
        return (await load()).readTrace(folders, options);
      },
    }),
  );
}
