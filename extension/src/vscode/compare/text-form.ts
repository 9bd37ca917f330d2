import * as vscode from 'vscode';
import type { ComparedPair } from '../../protocol/compare-panel.ts';
import type { RunId } from '../../protocol/run-event.ts';
import type { FilePair } from '../compare-panel/ports.ts';
import type { Sessions } from '../sessions.ts';
import { fileUri, transcriptUri } from './transcripts.ts';

/** Shows the transcripts of two runs in the editor's own comparison. */
export async function openAsText(sessions: Sessions, pair: ComparedPair): Promise<void> {
  await vscode.commands.executeCommand(
    'vscode.diff',
    transcriptUri('a', pair, titleOf(sessions, pair.a)),
    transcriptUri('b', pair, titleOf(sessions, pair.b)),
    pairTitle(sessions, pair),
    { preview: false },
  );
}

/** Shows what two runs made of one file. */
export async function openFileOfBoth({ path, a, b }: FilePair): Promise<void> {
  await vscode.commands.executeCommand(
    'vscode.diff',
    fileUri('a', { ...a, path }),
    fileUri('b', { ...b, path }),
    `${path} (A ↔ B)`,
  );
}

export function pairTitle(sessions: Sessions, { a, b }: ComparedPair): string {
  return `${titleOf(sessions, a)} ↔ ${titleOf(sessions, b)}`;
}

/** The task tells most runs apart, and the end of the id those of the same task. */
function titleOf(sessions: Sessions, run: RunId): string {
  const task = sessions.owning(run)?.view(run)?.task.split('\n')[0] ?? '';
  const short = task.length > LONGEST ? `${task.slice(0, LONGEST - 1)}…` : task;
  return `${short} (${run.slice(-ID_END)})`;
}

const LONGEST = 24;
const ID_END = 4;
