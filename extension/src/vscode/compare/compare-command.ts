import * as vscode from 'vscode';
import { chooseRun, isAtRest } from '../commands/choose.ts';
import type { ChosenRun } from '../commands/choose.ts';
import type { Command } from '../commands/context.ts';
import { transcriptUri } from './transcripts.ts';

/** Shows two runs in the editor's own comparison, and says in sentences what differs. */
export const compareRuns: Command = async (context, args) => {
  const first = args.a ?? args.run;
  const a = await chooseRun(context, first === undefined ? {} : { run: first }, 'Run to compare', isAtRest);
  const second = args.b === undefined ? {} : { run: args.b };
  const b = await chooseRun(
    context,
    second,
    'Run to compare it with',
    (run) => isAtRest(run) && run.id !== a.run,
  );
  const { comparedRun, compareRuns: compare } = await import('../../core/orchestration/compare/index.ts');
  const [left, right] = [comparedRun(a.session.core.store, a.run), comparedRun(b.session.core.store, b.run)];
  const comparison = compare(left, right);
  const pair = { a: a.run, b: b.run };
  await vscode.commands.executeCommand(
    'vscode.diff',
    transcriptUri('a', pair, titleOf(a)),
    transcriptUri('b', pair, titleOf(b)),
    `${titleOf(a)} ↔ ${titleOf(b)}`,
    { preview: false },
  );
  void vscode.window.showInformationMessage(comparison.summary.join(' '));
  return { ...pair, counts: comparison.counts, summary: comparison.summary };
};

/** The task tells most runs apart, and the end of the id those of the same task. */
function titleOf({ session, run }: ChosenRun): string {
  const task = session.view(run)?.task.split('\n')[0] ?? '';
  const short = task.length > LONGEST ? `${task.slice(0, LONGEST - 1)}…` : task;
  return `${short} (${run.slice(-ID_END)})`;
}

const LONGEST = 24;
const ID_END = 4;
