import path from 'node:path';
import * as vscode from 'vscode';
import type { Hit } from '../../../core/memory/index.ts';
import type { CommandArguments } from '../../commands/arguments.ts';
import { given } from '../../dismissed.ts';
import { chooseMemory } from '../choose.ts';
import type { FolderMemory, MemoryPorts } from '../memory-ports.ts';
import { openNote } from '../actions/notes.ts';
import { COPY_PATH, TO_SIDE, type Found, type FoundItem } from './items.ts';
import { LiveSearch } from './live-search.ts';
import { PlacePreview, openPlace } from './preview.ts';
import { readQuery } from './read-query.ts';

const HITS = 30;
const LIMIT_MS = 60_000;

/** With a query it answers with the hits; without one a person searches while they type, and opens what they choose. */
export async function searchMemory(ports: MemoryPorts, args: CommandArguments): Promise<unknown> {
  const folders = args.folder === undefined ? await allFolders(ports) : [await chooseMemory(ports, args)];
  if (args.query !== undefined) return hitsOf(folders, args.query);
  const title = await titleOf(folders);
  const preview = new PlacePreview();
  let chosen: Chosen | undefined;
  try {
    chosen = await choose(folders, title, preview);
  } finally {
    if (!chosen) await preview.restore();
    preview.dispose();
  }
  return open(ports, given(chosen));
}

interface Chosen {
  readonly found: Found;
  readonly beside: boolean;
}

async function allFolders(ports: MemoryPorts): Promise<readonly FolderMemory[]> {
  const { folders } = await ports.find();
  // Says what is missing where there is none.
  return folders.length > 0 ? folders : [await chooseMemory(ports, {})];
}

async function hitsOf(folders: readonly FolderMemory[], typed: string): Promise<readonly Hit[]> {
  const { words, filter } = readQuery(typed, Date.now());
  const signal = AbortSignal.timeout(LIMIT_MS);
  const options = { limit: HITS, signal, ...(filter ? { filter } : {}) };
  return (await Promise.all(folders.map(({ memory }) => memory.search(words, options)))).flat();
}

/** Says how it searches: it is called semantic only where an embedder is at work. */
async function titleOf(folders: readonly FolderMemory[]): Promise<string> {
  const states = await Promise.all(
    folders.map(({ memory }) =>
      // Searching says itself what is wrong.
      memory.state().catch(() => undefined),
    ),
  );
  const embedders = new Set(states.flatMap((state) => (state?.embedder ? [state.embedder.id] : [])));
  return `Search Memory (${embedders.size === 0 ? 'keyword' : `keyword and ${[...embedders].join(', ')}`})`;
}

function choose(
  folders: readonly FolderMemory[],
  title: string,
  preview: PlacePreview,
): Promise<Chosen | undefined> {
  const list = vscode.window.createQuickPick<FoundItem>();
  list.title = title;
  list.placeholder = 'Words to look for. Narrow down with lang:ts, kind:docs, path:src or since:7d';
  // The memory's order is by how well a place fits. There is no typed name for this before it is stable.
  Reflect.set(list, 'sortByLabel', false);
  const search = new LiveSearch(list, {
    folders,
    now: Date.now,
    after: (ms, callback) => {
      const timer = setTimeout(callback, ms);
      return { dispose: () => clearTimeout(timer) };
    },
  });
  return new Promise((resolve) => {
    const done = (chosen: Chosen | undefined): void => {
      for (const part of [...listeners, search]) part.dispose();
      resolve(chosen);
      list.dispose();
    };
    let moved = false;
    const listeners = [
      list.onDidChangeValue((text) => {
        moved = false;
        search.type(text);
      }),
      list.onDidChangeActive(([item]) => {
        // The first of new results is active without anyone having gone to it.
        const isFirst = item === list.items.find(({ kind }) => kind !== vscode.QuickPickItemKind.Separator);
        moved ||= !isFirst;
        if (moved && item?.found.kind === 'hit') void preview.show(item.found.in.folder, item.found.hit);
      }),
      list.onDidAccept(() => {
        const [item] = list.selectedItems;
        if (item?.found.kind === 'other-words') search.useOtherWords();
        else if (item && item.found.kind !== 'nothing') done({ found: item.found, beside: false });
      }),
      list.onDidTriggerItemButton(({ button, item: { found } }) => {
        if (found.kind !== 'hit') return;
        if (button === TO_SIDE) done({ found, beside: true });
        if (button === COPY_PATH)
          void vscode.env.clipboard.writeText(path.join(found.in.folder, found.hit.path));
      }),
      list.onDidHide(() => done(undefined)),
      ...folders.map(({ memory }) => memory.onDidChange(() => search.memoryChanged())),
    ];
    list.show();
  });
}

async function open(ports: MemoryPorts, { found, beside }: Chosen): Promise<unknown> {
  switch (found.kind) {
    case 'hit': {
      const column = beside ? { viewColumn: vscode.ViewColumn.Beside } : {};
      await openPlace(found.in.folder, found.hit, column);
      return found.hit;
    }
    case 'note':
      return openNote(ports, { folder: found.in.folder, note: found.note });
    case 'episode': {
      const opened = { folder: found.in.folder, run: found.run };
      await vscode.commands.executeCommand('strata.openTrace', opened);
      return opened;
    }
    case 'index':
      return vscode.commands.executeCommand('strata.indexWorkspace');
    case 'other-words':
    case 'nothing':
      return undefined;
  }
}
