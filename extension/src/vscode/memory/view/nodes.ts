import type { Episode, IndexState, Note } from '../../../core/memory/index.ts';

/** A row of the memory view. `folder`, `run` and `note` are what a command is told that is chosen on it. */
export type MemoryNode =
  | FolderNode
  | TroubleNode
  | IndexNode
  | SharedNode
  | SearchNode
  | NotesNode
  | NoteNode
  | EpisodesNode
  | EpisodeNode
  | MoreNode;

export interface FolderNode {
  readonly type: 'folder';
  readonly folder: string;
  readonly title: string;
}

/** The memory of a folder, or of all of them, cannot be read, and why. */
export interface TroubleNode {
  readonly type: 'trouble';
  readonly folder?: string;
  readonly error: unknown;
}

export interface IndexNode {
  readonly type: 'index';
  readonly folder: string;
  readonly state: IndexState;
}

/** Where other machines have this memory, too. */
export interface SharedNode {
  readonly type: 'shared';
  readonly folder: string;
  readonly address: string;
  readonly state: IndexState;
}

/** How the folder is searched: by words alone, or by an embedder too. */
export interface SearchNode {
  readonly type: 'search';
  readonly folder: string;
  readonly state: IndexState;
}

export interface NotesNode {
  readonly type: 'notes';
  readonly folder: string;
  readonly notes: readonly NoteNode[];
}

export interface NoteNode {
  readonly type: 'note';
  readonly folder: string;
  readonly note: string;
  readonly state: Note;
}

export interface EpisodesNode {
  readonly type: 'episodes';
  readonly folder: string;
  readonly episodes: readonly (EpisodeNode | MoreNode)[];
}

export interface EpisodeNode {
  readonly type: 'episode';
  readonly folder: string;
  readonly run: string;
  readonly episode: Episode;
}

/** There are older episodes than are shown. */
export interface MoreNode {
  readonly type: 'more';
  readonly folder: string;
}

/** What a folder's memory holds, as the view shows it. */
export interface MemoryShown {
  readonly state: IndexState;
  readonly notes: readonly Note[];
  readonly episodes: readonly Episode[];
  readonly hasMore: boolean;
}

/** What stands below a folder. Where nothing is remembered there is nothing, and the view says what to do. */
export function nodesOf(
  folder: string,
  { state, notes, episodes, hasMore }: MemoryShown,
): readonly MemoryNode[] {
  const { shared: address } = state;
  // One that is shared is worth a look, and may say why there is nothing.
  if (state.phase === 'none' && address === undefined && notes.length === 0 && episodes.length === 0)
    return [];
  const more: readonly MoreNode[] = hasMore ? [{ type: 'more', folder }] : [];
  return [
    { type: 'index', folder, state },
    ...(address === undefined ? [] : [{ type: 'shared', folder, address, state } as const]),
    ...(state.phase === 'unavailable' ? [] : [{ type: 'search', folder, state } as const]),
    ...(notes.length === 0
      ? []
      : [{ type: 'notes', folder, notes: pinnedFirst(notes).map(noteNode(folder)) } as const]),
    ...(episodes.length === 0
      ? []
      : [
          {
            type: 'episodes',
            folder,
            episodes: [...pinnedFirst(episodes).map(episodeNode(folder)), ...more],
          } as const,
        ]),
  ];
}

function noteNode(folder: string): (state: Note) => NoteNode {
  return (state) => ({ type: 'note', folder, note: state.id, state });
}

function episodeNode(folder: string): (episode: Episode) => EpisodeNode {
  return (episode) => ({ type: 'episode', folder, run: episode.run, episode });
}

function pinnedFirst<T extends { readonly pinned?: boolean }>(all: readonly T[]): readonly T[] {
  return [...all.filter(({ pinned }) => pinned === true), ...all.filter(({ pinned }) => pinned !== true)];
}

export function childrenOf(node: MemoryNode): readonly MemoryNode[] {
  if (node.type === 'notes') return node.notes;
  return node.type === 'episodes' ? node.episodes : [];
}

export function idOf(node: MemoryNode): string | undefined {
  switch (node.type) {
    case 'folder':
      return node.folder;
    case 'trouble':
      return undefined;
    case 'note':
      return `${node.folder}#note#${node.note}`;
    case 'episode':
      return `${node.folder}#episode#${node.run}`;
    default:
      return `${node.folder}#${node.type}`;
  }
}
