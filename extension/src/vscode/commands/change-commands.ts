import { writeFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import { toOtlpJson } from '../../core/observability/index.ts';
import { chooseRun, given, isAtRest } from './choose.ts';
import type { Command } from './context.ts';

const LIMIT_MS = 5 * 60_000;

export const applyChanges: Command = async (context, args) => {
  const { session, run } = await chooseRun(context, args, 'Run whose changes to apply', isAtRest);
  const applied = await session.core.apply(run, AbortSignal.timeout(LIMIT_MS));
  if (applied.kind === 'conflict') {
    const files = applied.conflicts.map(({ path, reason }) => `${path}: ${reason}`);
    void vscode.window.showWarningMessage(
      'Nothing was applied: the folder has changed since the run began.',
      {
        modal: args.run === undefined,
        detail: files.slice(0, 10).join('\n'),
      },
    );
    context.log.warn(`Conflicts of run ${run}:\n${files.join('\n')}`);
  } else {
    const count = applied.written.length + applied.deleted.length;
    void vscode.window.showInformationMessage(`Applied ${count === 1 ? '1 file' : `${count} files`}.`);
  }
  return applied;
};

export const discardChanges: Command = async (context, args) => {
  const { session, run } = await chooseRun(context, args, 'Run whose changes to discard', isAtRest);
  await session.core.discard(run);
  void vscode.window.showInformationMessage(
    'The copy that the run worked on is removed. Its trace stays, and its changes can still be applied.',
  );
  return { run };
};

export const exportRun: Command = async (context, args) => {
  const { session, run } = await chooseRun(context, args, 'Run to export');
  const file =
    args.file ??
    given(
      await vscode.window.showSaveDialog({
        title: 'Export Run as OTLP/JSON',
        defaultUri: vscode.Uri.joinPath(vscode.Uri.file(session.folder), `${run}.otlp.json`),
        filters: { 'OTLP/JSON': ['json'] },
      }),
    ).fsPath;
  const content = args.content ?? false;
  const exported = toOtlpJson(session.core.store.read(run), {
    includeContent: content,
    getBlob: session.core.store.getBlob,
  });
  await writeFile(file, JSON.stringify(exported));
  if (args.file === undefined) void vscode.window.showInformationMessage(`Exported to ${file}.`);
  return { run, file };
};
