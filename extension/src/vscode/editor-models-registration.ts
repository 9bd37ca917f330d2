import * as vscode from 'vscode';
import { Emitter } from '../base/event.ts';
import type { EditorModel, EditorModels } from '../core/models/index.ts';

/** Extensions tell of their models one by one as they start. */
const SETTLE_MS = 500;

/** The models of the editor for Strata's routes. They are asked for, and their code is loaded, at their first use. */
export function registerEditorModels(report: (error: unknown) => void): EditorModels & vscode.Disposable {
  const changed = new Emitter<void>();
  const load = () => import('./editor-models/index.ts');
  let listed: Promise<readonly EditorModel[]> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const list = (): Promise<readonly EditorModel[]> => {
    const asked = (listed ??= load().then(({ listEditorModels }) => listEditorModels()));
    asked.catch(() => (listed = undefined));
    return asked;
  };
  /** The editor tells of Strata's own routes too; only what others have changed is news. */
  const lookAgain = async (): Promise<void> => {
    const before = JSON.stringify(await listed);
    listed = undefined;
    if (JSON.stringify(await list()) !== before) changed.fire();
  };
  const subscription = vscode.lm.onDidChangeChatModels(() => {
    if (!listed) return;
    clearTimeout(timer);
    timer = setTimeout(() => void lookAgain().catch(report), SETTLE_MS);
  });

  return {
    list,
    open: async (deployment) => (await load()).openEditorModel(deployment),
    onDidChange: changed.event,
    dispose: () => {
      clearTimeout(timer);
      subscription.dispose();
      changed.dispose();
    },
  };
}
