import * as vscode from 'vscode';
import { StrataError } from '../../../base/errors.ts';
import type { Episode, Note } from '../../../core/memory/index.ts';
import type { CommandArguments } from '../../commands/arguments.ts';
import { given } from '../../dismissed.ts';
import { listLine } from '../../plain-labels.ts';
import { chooseMemory } from '../choose.ts';
import type { FolderMemory, MemoryPorts } from '../memory-ports.ts';
import { ageWords } from '../view/words.ts';

/** A note or what is kept of a run. */
export type Remembered =
  | { readonly kind: 'note'; readonly in: FolderMemory; readonly note: Note }
  | { readonly kind: 'episode'; readonly in: FolderMemory; readonly run: string; readonly episode?: Episode };

interface Wanted {
  readonly placeHolder: string;
  readonly notes?: (note: Note) => boolean;
  readonly episodes?: (episode: Episode) => boolean;
}

const MOST_OFFERED = 200;

/** What was named, or what the person picks among the notes and the earlier runs that fit. */
export async function chooseRemembered(
  ports: MemoryPorts,
  args: CommandArguments,
  { placeHolder, notes, episodes }: Wanted,
): Promise<Remembered> {
  const folder = await folderOf(ports, args);
  const written = notes || args.note !== undefined ? await folder.notes.list() : [];
  if (args.note !== undefined) {
    const note = written.find(({ id }) => id === args.note);
    if (note) return { kind: 'note', in: folder, note };
    throw new StrataError(
      'note-not-found',
      'There is no such note any more.',
      'Look at .strata/memory.md for the notes that there are.',
    );
  }
  const kept =
    episodes || args.run !== undefined ? await folder.memory.episodes({ limit: MOST_OFFERED }) : [];
  if (args.run !== undefined) {
    const { run } = args;
    const episode = kept.find((one) => one.run === run);
    return { kind: 'episode', in: folder, run, ...(episode ? { episode } : {}) };
  }
  const now = Date.now();
  const items = [
    ...written
      .filter((note) => notes?.(note) ?? false)
      .map((note) => ({
        label: listLine(note.text),
        iconPath: new vscode.ThemeIcon('note'),
        remembered: { kind: 'note', in: folder, note } as const,
      })),
    ...kept
      .filter((episode) => episodes?.(episode) ?? false)
      .map((episode) => ({
        label: listLine(episode.task),
        description: listLine([episode.agent, episode.outcome, ageWords(episode.at, now)].join(' · ')),
        iconPath: new vscode.ThemeIcon('history'),
        remembered: { kind: 'episode', in: folder, run: episode.run, episode } as const,
      })),
  ];
  if (items.length === 0)
    throw new StrataError(
      'nothing-remembered',
      'There is nothing for that in this folder’s memory.',
      'Runs are remembered when they end; look at the Memory view for what there is.',
    );
  return given(await vscode.window.showQuickPick(items, { placeHolder, matchOnDescription: true }))
    .remembered;
}

/** A run that was named tells the folder by itself. */
async function folderOf(ports: MemoryPorts, args: CommandArguments): Promise<FolderMemory> {
  const { run } = args;
  if (args.folder !== undefined || run === undefined) return chooseMemory(ports, args);
  const { folders } = await ports.find();
  return folders.find((one) => one.has(run)) ?? chooseMemory(ports, args);
}
