import type * as vscode from 'vscode';
import type { CommandArguments } from '../commands/arguments.ts';
import { clearMemory, indexWorkspace, pauseIndexing, resumeIndexing } from './actions/index-actions.ts';
import { addNote, openNotes } from './actions/notes.ts';
import { rateRun, rateRunDown, rateRunUp } from './actions/rate-run.ts';
import { confirmNote, editMemory, forgetMemory, pinMemory, unpinMemory } from './actions/remembered.ts';
import { whyRecalled } from './actions/why-recalled.ts';
import { chooseEmbedder } from './embedder/choose-embedder.ts';
import { KeptFolders, type KeepFoldersHost } from './keep/keep-folders.ts';
import type { FolderMemory, MemoryPorts } from './memory-ports.ts';
import { searchMemory } from './search/search-memory.ts';
import { IndexWatch } from './status/index-watch.ts';
import { MemoryTree } from './view/tree.ts';

export type { FolderMemory, FoundMemory, MemoryPorts } from './memory-ports.ts';
export type { MemoryNode } from './view/nodes.ts';

const COMMANDS = {
  addNote,
  chooseEmbedder,
  clearMemory,
  confirmNote,
  editMemory,
  forgetMemory,
  indexWorkspace,
  openNotes,
  pauseIndexing,
  pinMemory,
  rateRun,
  rateRunDown,
  rateRunUp,
  resumeIndexing,
  searchMemory,
  unpinMemory,
  whyRecalled,
} as const satisfies Readonly<
  Record<string, (ports: MemoryPorts, args: CommandArguments) => Promise<unknown>>
>;

export type MemoryCommandName = keyof typeof COMMANDS;

export interface MemoryWindowHost extends MemoryPorts, KeepFoldersHost {}

/** All that a person sees of layer 3 in this window; loaded at its first use. */
export interface MemoryWindow extends vscode.Disposable {
  readonly tree: MemoryTree;
  perform(command: MemoryCommandName, args: CommandArguments): Promise<unknown>;
  /** Keeps the indexes up to date of those folders that are to be kept now. */
  keep(): void;
  /** The status bar tells of the indexes of these. */
  watch(folders: readonly FolderMemory[]): void;
}

export function openMemoryWindow(host: MemoryWindowHost): MemoryWindow {
  const kept = new KeptFolders(host);
  const status = new IndexWatch(host.log);
  return {
    tree: new MemoryTree({ find: host.find, now: Date.now }),
    perform: (command, args) => COMMANDS[command](host, args),
    keep: () => kept.follow(),
    watch: (folders) => status.follow(folders),
    dispose: () => {
      for (const part of [kept, status]) part.dispose();
    },
  };
}
