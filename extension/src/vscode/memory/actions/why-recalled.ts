import * as vscode from 'vscode';
import { recalledSchema, type RecallReason } from '../../../core/memory/index.ts';
import type { CommandArguments } from '../../commands/arguments.ts';
import { given } from '../../dismissed.ts';
import { listLine } from '../../plain-labels.ts';
import type { FolderMemory, MemoryPorts } from '../memory-ports.ts';
import { recallWords } from '../view/recall-words.ts';
import { ageWords } from '../view/words.ts';
import { chooseRemembered, type Remembered } from './choose-remembered.ts';

/** A run that was told of something, by which step, and why. */
interface Recall {
  readonly run: string;
  readonly step: string;
  readonly task: string;
  readonly at: number;
  readonly why: RecallReason | undefined;
}

/** Runs that are looked at, the newest first. */
const LOOKED_AT = 500;

/** Shows which runs were told of an earlier run or a note, and why; one that is chosen opens at that step. */
export async function whyRecalled(ports: MemoryPorts, args: CommandArguments): Promise<unknown> {
  const chosen = await chooseRemembered(ports, args, {
    placeHolder: 'What was recalled',
    notes: () => true,
    episodes: () => true,
  });
  const id = chosen.kind === 'note' ? chosen.note.id : chosen.run;
  const recalls = await recallsOf(chosen.in, id);
  if (args.agreed === true) return recalls;
  if (recalls.length === 0) {
    void vscode.window.showInformationMessage(`No run has recalled ${nameOf(chosen)} yet.`);
    return recalls;
  }
  const now = Date.now();
  const items = recalls.map((recall) => ({
    label: listLine(recall.task),
    description: ageWords(recall.at, now),
    detail: listLine(recallWords(recall.why).join(' · ') || 'The run’s log does not say why.'),
    recall,
  }));
  const title = `Recalled by ${recalls.length === 1 ? 'one run' : `${recalls.length} runs`}`;
  const placeHolder = 'Opens the step in which it was recalled';
  const { recall } = given(await vscode.window.showQuickPick(items, { title, placeHolder }));
  const opened = { folder: chosen.in.folder, run: recall.run, step: recall.step };
  await vscode.commands.executeCommand('strata.openTrace', opened);
  return recalls;
}

function nameOf(chosen: Remembered): string {
  return chosen.kind === 'note' ? 'this note' : 'this run';
}

/** As it stands in the logs of those runs. */
async function recallsOf(folder: FolderMemory, id: string): Promise<readonly Recall[]> {
  const found: Recall[] = [];
  for (const run of folder.runs(LOOKED_AT)) {
    // Logs are read at once, and the editor has other things to do.
    await new Promise((resolve) => setImmediate(resolve));
    if (run.id === id) continue;
    for (const step of folder.view(run.id)?.steps ?? []) {
      if (step.kind !== 'recall' || !step.output) continue;
      const recalled = recalledSchema.array().safeParse(folder.payload(step.output)).data ?? [];
      const it = recalled.find((one) => (one.kind === 'note' ? one.id : one.run) === id);
      if (it) found.push({ run: run.id, step: step.id, task: run.task, at: run.startedAt, why: it.why });
    }
  }
  return found;
}
