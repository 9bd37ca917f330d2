import * as vscode from 'vscode';
import type { CommandArguments } from '../../commands/arguments.ts';
import { Dismissed, given } from '../../dismissed.ts';
import { listLine } from '../../plain-labels.ts';
import type { MemoryPorts } from '../memory-ports.ts';
import { chooseRemembered, type Remembered } from './choose-remembered.ts';
import { openNote } from './notes.ts';

const FORGET_LIMIT_MS = 120_000;

const isAny = (): boolean => true;

export async function pinMemory(ports: MemoryPorts, args: CommandArguments): Promise<unknown> {
  return setPinned(ports, args, true);
}

export async function unpinMemory(ports: MemoryPorts, args: CommandArguments): Promise<unknown> {
  return setPinned(ports, args, false);
}

/** What is pinned neither fades nor makes room, and is recalled whenever it fits at all. */
async function setPinned(ports: MemoryPorts, args: CommandArguments, pinned: boolean): Promise<unknown> {
  const chosen = await chooseRemembered(ports, args, {
    placeHolder: pinned ? 'What to keep and recall first' : 'What need not be kept any more',
    notes: (note) => note.pinned !== pinned,
    episodes: (episode) => (episode.pinned ?? false) !== pinned,
  });
  if (chosen.kind === 'note') await chosen.in.notes.pin(chosen.note.id, pinned);
  else await chosen.in.rate(chosen.run, { memory: pinned ? 'pinned' : 'kept' });
  ports.refresh();
  return { ...nameOf(chosen), pinned };
}

/** A note is edited in its file. Of a run a person says what it should have done. */
export async function editMemory(ports: MemoryPorts, args: CommandArguments): Promise<unknown> {
  const chosen = await chooseRemembered(ports, args, {
    placeHolder: 'Note to edit, or earlier run to correct',
    ...{ notes: isAny, episodes: isAny },
  });
  if (chosen.kind === 'note') return openNote(ports, { folder: chosen.in.folder, note: chosen.note.id });
  const correction = args.text ?? given(await askCorrection(chosen.episode?.correction ?? '')).trim();
  await chosen.in.rate(chosen.run, { correction });
  ports.refresh();
  return { run: chosen.run, correction };
}

/** What should be remembered of a run that went wrong. */
export function askCorrection(before: string): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title: 'Correct Run',
    prompt:
      'What should it have done? Later runs with a task like it are told so. Leave it empty to say nothing.',
    value: before,
    ignoreFocusOut: true,
  });
}

export async function forgetMemory(ports: MemoryPorts, args: CommandArguments): Promise<unknown> {
  const chosen = await chooseRemembered(ports, args, {
    placeHolder: 'What to forget for good',
    ...{ notes: isAny, episodes: isAny },
  });
  if (args.agreed !== true) await confirmForget(chosen);
  if (chosen.kind === 'note') await chosen.in.notes.remove(chosen.note.id);
  else await chosen.in.forget([chosen.run], AbortSignal.timeout(FORGET_LIMIT_MS));
  ports.refresh();
  return nameOf(chosen);
}

async function confirmForget(chosen: Remembered): Promise<void> {
  const forget = { title: 'Forget' };
  const [what, detail] =
    chosen.kind === 'note'
      ? [
          `Forget the note “${listLine(chosen.note.text, QUOTED)}”?`,
          'It is taken out of .strata/memory.md. If that file is under version control, older versions of it still hold the note.',
        ]
      : [
          chosen.episode
            ? `Forget the run “${listLine(chosen.episode.task, QUOTED)}”?`
            : `Forget the run ${chosen.run}?`,
          'What is kept of it is removed from the memory and from its files on disk, and is not remembered again. It cannot be undone. The trace of the run stays in Runs.',
        ];
  const chosenTitle = await vscode.window.showWarningMessage(what, { modal: true, detail }, forget);
  if (chosenTitle !== forget) throw new Dismissed();
}

function nameOf(chosen: Remembered): { readonly note: string } | { readonly run: string } {
  return chosen.kind === 'note' ? { note: chosen.note.id } : { run: chosen.run };
}

const QUOTED = 80;

/** What an agent asked to keep is told to later runs from now on. */
export async function confirmNote(ports: MemoryPorts, args: CommandArguments): Promise<unknown> {
  const chosen = await chooseRemembered(ports, args, {
    placeHolder: 'Note that is right, so that agents are told of it',
    notes: ({ confirmed }) => !confirmed,
  });
  if (chosen.kind === 'note') await chosen.in.notes.confirm(chosen.note.id);
  ports.refresh();
  return nameOf(chosen);
}
