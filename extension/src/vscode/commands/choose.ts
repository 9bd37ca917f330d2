import * as vscode from 'vscode';
import { StrataError } from '../../base/errors.ts';
import type { RunSummary } from '../../node/sqlite/index.ts';
import type { FolderSession } from '../folder-session.ts';
import type { CommandArguments } from './arguments.ts';
import { given } from '../dismissed.ts';
import type { CommandContext } from './context.ts';

/** The folder that was named, the only one, or the one that the user picks. */
export async function chooseFolder(
  { sessions }: Pick<CommandContext, 'sessions'>,
  { folder }: CommandArguments,
): Promise<FolderSession> {
  const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
  const named = folder === undefined ? undefined : folders.find(({ uri }) => uri.fsPath === folder);
  const [only] = folders;
  if (!only) {
    throw new StrataError(
      'no-folder',
      'No folder is open, and an agent works on a folder.',
      'Open a folder first.',
    );
  }
  if (folder !== undefined && !named) {
    throw new StrataError(
      'folder-not-open',
      `The folder ${folder} is not open in this window.`,
      'Open it first.',
    );
  }
  const picked =
    named ?? (folders.length === 1 ? only : given(await vscode.window.showWorkspaceFolderPick()));
  return sessions.get(picked);
}

/** What most commands ask of a run before they touch it. */
export function isAtRest({ status }: RunSummary): boolean {
  return status !== 'running';
}

export interface ChosenRun {
  readonly session: FolderSession;
  readonly run: string;
}

/** The run that was named, or one that the user picks among those that fit. */
export async function chooseRun(
  context: CommandContext,
  args: CommandArguments,
  placeHolder: string,
  fits: (run: RunSummary) => boolean = () => true,
): Promise<ChosenRun> {
  const sessions = await context.sessions.all();
  if (args.run !== undefined) {
    const { run } = args;
    const session = sessions.find((candidate) => candidate.has(run));
    if (session) return { session, run };
    throw new StrataError(
      'run-not-found',
      `There is no run ${run} in the open folders.`,
      'Pick one in the Runs view.',
    );
  }
  const items = sessions.flatMap((session) =>
    session
      .list(MOST_OFFERED)
      .filter(fits)
      .map((run) => ({
        label: run.task.split('\n')[0] ?? run.task,
        description: `${run.agent} · ${run.status}`,
        detail: `${run.id} · ${new Date(run.startedAt).toLocaleString()}`,
        session,
        run: run.id,
      })),
  );
  if (items.length === 0) {
    throw new StrataError('no-run', 'There is no run for that here.', 'Start one with “Strata: Run Agent…”.');
  }
  return given(
    await vscode.window.showQuickPick(items, { placeHolder, matchOnDescription: true, matchOnDetail: true }),
  );
}

const MOST_OFFERED = 200;
