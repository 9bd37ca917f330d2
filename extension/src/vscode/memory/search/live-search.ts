import type * as vscode from 'vscode';
import type { Disposable } from '../../../base/disposable.ts';
import { isStrataError, messageOf } from '../../../base/errors.ts';
import type { FolderMemory } from '../memory-ports.ts';
import { listLine } from '../../plain-labels.ts';
import { itemsOf, messageItem, otherWordsItem, type FolderAnswer, type FoundItem } from './items.ts';
import { readQuery, type ReadQuery } from './read-query.ts';

/** Longer than between two strokes of a quick typist, shorter than one waits for. */
const TYPING_MS = 120;
const LIMIT_MS = 30_000;
const MODEL_LIMIT_MS = 60_000;
const MOST_CHARACTERS = 200;
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
  #newest: ReadQuery | undefined;
  #searching = new AbortController();
  /** The folders that have a model to ask; looked up once, before anything is typed. */
  readonly #withModel: Promise<readonly FolderMemory[]>;

  constructor(list: vscode.QuickPick<FoundItem>, host: LiveSearchHost) {
    this.#list = list;
    this.#host = host;
    this.#withModel = foldersWithModel(host.folders);
  }

  type(text: string): void {
    this.#typing?.dispose();
    this.#searching.abort();
    this.#unanswered = undefined;
    const query = readQuery(text, this.#host.now());
    this.#newest = query;
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

  /** Searches again, with what a model writes for the text in the box. */
  useOtherWords(): void {
    const query = this.#newest;
    if (!query || query.words === '') return;
    this.#typing?.dispose();
    this.#searching.abort();
    this.#search(query, { asking: true });
  }

  dispose(): void {
    this.#typing?.dispose();
    this.#searching.abort();
  }

  #search(query: ReadQuery, { asking = false } = {}): void {
    const searching = new AbortController();
    this.#unanswered = undefined;
    this.#searching = searching;
    this.#list.busy = true;
    const limit = AbortSignal.timeout(asking ? LIMIT_MS + MODEL_LIMIT_MS : LIMIT_MS);
    const signal = AbortSignal.any([searching.signal, limit]);
    const show = (items: FoundItem[]): void => {
      if (searching.signal.aborted) return;
      this.#list.busy = false;
      this.#list.items = items;
      // A model is not asked again by itself.
      if (!asking && items.every(({ found }) => !IN_MEMORY.has(found.kind))) this.#unanswered = query;
    };
    const found = asking ? this.#askModel(query, signal) : this.#ask(query, signal);
    found.then(show, (error: unknown) => show([failure(error)]));
  }

  /** Whatever the model does, what the words themselves find is shown. */
  async #askModel(query: ReadQuery, signal: AbortSignal): Promise<FoundItem[]> {
    const [folder] = await this.#withModel;
    const limit = AbortSignal.any([signal, AbortSignal.timeout(MODEL_LIMIT_MS)]);
    try {
      const words = (await folder?.otherWords.ask(query.words, limit)) ?? [];
      const found = await this.#ask(query, signal, words);
      return words.length === 0
        ? [
            messageItem('The model wrote no words to search for', 'Type on to search by other words.'),
            ...found,
          ]
        : [
            messageItem('Searched for other words too', listLine(words.join(' · '), MOST_CHARACTERS)),
            ...found,
          ];
    } catch (error) {
      signal.throwIfAborted();
      return [failure(error), ...(await this.#ask(query, signal))];
    }
  }

  async #ask(query: ReadQuery, signal: AbortSignal, words: readonly string[] = []): Promise<FoundItem[]> {
    const { folders, now } = this.#host;
    const [askable, ...answers] = await Promise.all([
      words.length > 0 ? [] : this.#withModel,
      ...folders.map((folder) => ask(folder, query, signal, words)),
    ]);
    const items = itemsOf(answers, now());
    const last = askable.length > 0 ? [otherWordsItem()] : [];
    if (items.length > 0) return [...hints(query), ...items, ...last];
    const states = await Promise.all(folders.map(({ memory }) => memory.state()));
    if (states.every(({ files }) => files === 0))
      return [messageItem('This folder is not indexed yet', 'Choose this to index it.', { kind: 'index' })];
    return [...hints(query), messageItem('Nothing found', nothingWords(query)), ...last];
  }
}

/** Rows of what the memory holds. */
const IN_MEMORY: ReadonlySet<FoundItem['found']['kind']> = new Set(['hit', 'episode', 'note']);

async function foldersWithModel(folders: readonly FolderMemory[]): Promise<readonly FolderMemory[]> {
  const known = await Promise.all(
    folders.map(async (folder) => ({
      folder,
      // A mistake in the settings of models is told where models are used; the search goes on without.
      has: await folder.otherWords.available().catch(() => false),
    })),
  );
  return known.filter(({ has }) => has).map(({ folder }) => folder);
}

async function ask(
  folder: FolderMemory,
  query: ReadQuery,
  signal: AbortSignal,
  words: readonly string[],
): Promise<FolderAnswer> {
  const filter = query.filter ? { filter: query.filter } : {};
  const expansions = words.length > 0 ? { expansions: words } : {};
  const [hits, recalled] = await Promise.all([
    folder.memory.search(query.words, { limit: SHOWN_HITS, ...filter, ...expansions, signal }),
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
