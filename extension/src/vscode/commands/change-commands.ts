import { writeFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import { familyEvents, toOtlpJson } from '../../core/observability/index.ts';
import type { Applied, Conflict } from '../../node/git/index.ts';
import type { RunSummary } from '../../node/sqlite/index.ts';
import type { FolderSession } from '../folder-session.ts';
import type { CommandArguments } from './arguments.ts';
import { chooseRun, isAtRest } from './choose.ts';
import { given } from '../dismissed.ts';
import { chooseStep } from './choose-fork.ts';
import type { Command, CommandContext } from './context.ts';
import { offer } from './follow.ts';

const LIMIT_MS = 5 * 60_000;

export const applyChanges: Command = async (context, args) => {
  const { session, run } = await chooseRun(context, args, 'Run whose changes to apply', isAtRest);
  const apply = (conflicts: Rule): Promise<Applied> =>
    session.core.apply(run, AbortSignal.timeout(LIMIT_MS), { conflicts });
  const rule = args.conflicts ?? 'refuse';
  const applied = await apply(rule);
  if (applied.kind === 'conflict') {
    const files = applied.conflicts.map(({ path, reason }) => `${path}: ${reason}`);
    context.log.warn(`Conflicts of run ${run}:\n${files.join('\n')}`);
    void settle(context, session, run, applied.conflicts, apply).catch(context.report);
  } else sayApplied(context, run, applied, rule);
  return applied;
};

type Rule = NonNullable<CommandArguments['conflicts']>;

/** Nothing has been written; the person decides about the files that both sides changed. */
async function settle(
  context: CommandContext,
  session: FolderSession,
  run: string,
  conflicts: readonly Conflict[],
  apply: (rule: Rule) => Promise<Applied>,
): Promise<void> {
  const texts = conflicts.filter(({ merged }) => merged !== undefined);
  const choices: readonly (vscode.MessageItem & { readonly rule: Rule })[] = [
    ...(texts.length > 0 ? [{ title: 'Show Conflicts', rule: 'mark' as const }] : []),
    { title: 'Keep Mine for Those', rule: 'ours' },
    { title: 'Take the Run’s', rule: 'theirs' },
  ];
  const names = conflicts.map(({ path }) => path);
  const chosen = await vscode.window.showWarningMessage(
    `Nothing was applied yet: you and the run both changed ${listed(names)}.`,
    ...choices,
  );
  if (!chosen) return;
  const applied = await apply(chosen.rule);
  if (applied.kind === 'conflict') {
    await settle(context, session, run, applied.conflicts, apply);
    return;
  }
  sayApplied(context, run, applied, chosen.rule);
  if (chosen.rule === 'mark') await showMarked(session, applied.decided);
}

/** The editor finds the markers and offers to take one side or both. */
async function showMarked(session: FolderSession, decided: readonly Conflict[]): Promise<void> {
  for (const { path, merged } of decided.slice(0, MOST_SHOWN)) {
    if (merged === undefined) continue;
    const document = await vscode.workspace.openTextDocument(
      vscode.Uri.joinPath(vscode.Uri.file(session.folder), path),
    );
    const line = document
      .getText()
      .split('\n')
      .findIndex((text) => text.startsWith('<<<<<<<'));
    const selection = new vscode.Range(Math.max(0, line), 0, Math.max(0, line), 0);
    await vscode.window.showTextDocument(document, { preview: false, selection });
  }
}

const MOST_SHOWN = 10;

function sayApplied(
  context: CommandContext,
  run: string,
  applied: Extract<Applied, { kind: 'applied' }>,
  rule: Rule,
): void {
  const count = applied.written.length + applied.deleted.length;
  const merged = applied.merged.length;
  const decided = applied.decided.length;
  const ways = { mark: 'with conflict markers', ours: 'as you had them', theirs: 'as the run left them' };
  const words = [
    `Applied ${files(count)}.`,
    ...(merged > 0 ? [`${files(merged)} merged with your own changes.`] : []),
    ...(decided > 0 && rule !== 'refuse' ? [`${files(decided)} in conflict: ${ways[rule]}.`] : []),
  ];
  const undo = { title: 'Undo', run, command: 'strata.undoApply' };
  const shown = vscode.window.showInformationMessage(words.join(' '), ...(applied.undo ? [undo] : []));
  offer(context, shown);
}

/** Puts back the files that the newest apply replaced. */
export const undoApply: Command = async (context, args) => {
  const fits = (summary: RunSummary): boolean => isAtRest(summary) && !summary.undecided;
  const { session, run } = await chooseRun(context, args, 'Run whose apply to undo', fits);
  const undone = await session.core.undo(run, AbortSignal.timeout(LIMIT_MS));
  if (undone.kind === 'conflict') {
    void vscode.window.showWarningMessage(
      `Nothing was undone: ${listed(undone.conflicts.map(({ path }) => path))} changed since the apply.`,
    );
  } else {
    void vscode.window.showInformationMessage(
      `The apply is undone: ${files(undone.written.length + undone.deleted.length)} put back.`,
    );
  }
  return undone;
};

/** Puts the run's copy back to how a step left it; what is applied from then on is what was done up to there. */
export const restoreRun: Command = async (context, args) => {
  const { session, run } = await chooseRun(context, args, 'Run to restore', isAtRest);
  const view = session.view(run);
  const step =
    args.step ??
    given(
      view && (await chooseStep(session, view, 'Step to go back to', ({ files }) => files !== undefined)),
    );
  await session.core.restore(run, step, AbortSignal.timeout(LIMIT_MS));
  void vscode.window.showInformationMessage(
    `The files of the run are as step ${step} left them. Apply writes what was done up to there.`,
  );
  return { run, step };
};

/** A pinned run is kept, however old it grows. */
export const pinRun: Command = async (context, args) => {
  const { session, run } = await chooseRun(context, args, 'Run to pin or unpin');
  const pinned = args.pinned ?? !isPinned(session, run);
  session.core.store.pin(run, pinned);
  context.refreshRuns();
  return { run, pinned };
};

function isPinned(session: FolderSession, run: string): boolean {
  return session.list(MOST_LISTED).find(({ id }) => id === run)?.pinned ?? false;
}

const MOST_LISTED = 10_000;

function files(count: number): string {
  return count === 1 ? '1 file' : `${count} files`;
}

function listed(paths: readonly string[]): string {
  const [first = '', second] = paths;
  if (second === undefined) return first;
  return paths.length === 2 ? `${first} and ${second}` : `${first} and ${paths.length - 1} other files`;
}

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
        title: 'Export Run',
        defaultUri: vscode.Uri.joinPath(vscode.Uri.file(session.folder), `${run}.strata-run`),
        filters: { 'Run of Strata, with its messages': ['strata-run'], 'OTLP/JSON': ['json'] },
      }),
    ).fsPath;
  if (file.endsWith('.strata-run')) {
    const { exportRecording } = await import('../../node/recordings/index.ts');
    await exportRecording(session.core.store, run, file);
    if (args.file === undefined) await offerToOpen(file);
    return { run, file };
  }
  const content = args.content ?? false;
  const exported = toOtlpJson(familyEvents(session.core.store, run), {
    includeContent: content,
    getBlob: session.core.store.getBlob,
  });
  await writeFile(file, JSON.stringify(exported));
  if (args.file === undefined) void vscode.window.showInformationMessage(`Exported to ${file}.`);
  return { run, file };
};

async function offerToOpen(file: string): Promise<void> {
  const open = await vscode.window.showInformationMessage(
    `Exported to ${file}. The file holds all that was said and done in the run.`,
    'Open File',
  );
  if (open) await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(file));
}
