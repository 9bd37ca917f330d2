import type * as vscode from 'vscode';
import type { Disposable } from '../../../base/disposable.ts';
import { isStrataError, messageOf } from '../../../base/errors.ts';
import type { FolderMemory } from '../memory-ports.ts';
import { itemsOf, messageItem, type FolderAnswer, type FoundItem } from './items.ts';
import { readQuery, type ReadQuery } from './read-query.ts';

/** Longer than between two strokes of a quick typist, shorter than one waits for. */
const TYPING_MS = 120;
const LIMIT_MS = 30_000;
const SHOWN_HITS = 30;
const SHOWN_EPISODES = 5;

export interface LiveSearchHost {
  readonly folders: readonly FolderMemory[];
  readonly now: () => number;
  readonly after: (ms: number, callback: () => void) => Disposable;
}

/** Fills a list with what fits the text in its box, as it is typed. The newest text wins; the search before it is called off. */
export class LiveSearch implements Disposable {
  readonly #list: vscode.QuickPick<FoundItem>;
  readonly #host: LiveSearchHost;
  #typing: Disposable | undefined;
  /** Nothing was found for it, which may change while the list is open. */
  #unanswered: ReadQuery | undefined;
  #searching = new AbortController();

  constructor(list: vscode.QuickPick<FoundItem>, host: LiveSearchHost) {
    this.#list = list;
    this.#host = host;
  }

  type(text: string): void {
    this.#typing?.dispose();
    this.#searching.abort();
    this.#unanswered = undefined;
    const query = readQuery(text, this.#host.now());
    if (query.words === '') {
      this.#list.busy = false;
      this.#list.items = hints(query);
      return;
    }
    this.#list.busy = true;
    this.#typing = this.#host.after(TYPING_MS, () => this.#search(query));
  }

  /** What a person has just saved may be indexed a moment after they look for it. */
  memoryChanged(): void {
    if (this.#unanswered) this.#search(this.#unanswered);
  }

  dispose(): void {
    this.#typing?.dispose();
    this.#searching.abort();
  }

  #search(query: ReadQuery): void {
    const searching = new AbortController();
    this.#unanswered = undefined;
    this.#searching = searching;
    const signal = AbortSignal.any([searching.signal, AbortSignal.timeout(LIMIT_MS)]);
    const show = (items: FoundItem[]): void => {
      if (searching.signal.aborted) return;
      this.#list.busy = false;
      this.#list.items = items;
      if (items.every(({ found }) => found.kind === 'nothing' || found.kind === 'index'))
        this.#unanswered = query;
    };
    this.#ask(query, signal).then(show, (error: unknown) => show([failure(error)]));
  }

  async #ask(query: ReadQuery, signal: AbortSignal): Promise<FoundItem[]> {
    const { folders, now } = this.#host;
    const answers = await Promise.all(folders.map((folder) => ask(folder, query, signal)));
    const items = itemsOf(answers, now());
    if (items.length > 0) return [...hints(query), ...items];
    const states = await Promise.all(folders.map(({ memory }) => memory.state()));
    if (states.every(({ files }) => files === 0))
      return [messageItem('This folder is not indexed yet', 'Choose this to index it.', { kind: 'index' })];
    return [...hints(query), messageItem('Nothing found', nothingWords(query))];
  }
}

async function ask(folder: FolderMemory, query: ReadQuery, signal: AbortSignal): Promise<FolderAnswer> {
  const filter = query.filter ? { filter: query.filter } : {};
  const [hits, recalled] = await Promise.all([
    folder.memory.search(query.words, { limit: SHOWN_HITS, ...filter, signal }),
    // What is limited to some files is no question about earlier runs.
    query.filter ? [] : folder.memory.recall(query.words, { limit: SHOWN_EPISODES, signal }),
  ]);
  return { in: folder, hits, recalled };
}

function hints({ unknown }: ReadQuery): FoundItem[] {
  if (unknown.length === 0) return [];
  const what = unknown.join(', ');
  return [
    messageItem(
      `${what} says nothing here`,
      'There are lang:ts, path:src, kind: with code, docs, notebook, config or text, and since: with 12h, 7d, 2w or a date.',
    ),
  ];
}

function nothingWords({ filter }: ReadQuery): string {
  return filter
    ? 'Nothing that the filters let through has these words.'
    : 'No file, note or earlier run has these words.';
}

function failure(error: unknown): FoundItem {
  return messageItem(
    `$(error) ${messageOf(error)}`,
    isStrataError(error) ? error.action : 'Type on to try again.',
  );
}
