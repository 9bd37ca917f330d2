import { setImmediate as turn } from 'node:timers/promises';
import {
  BATCH_LIMITS,
  cutText,
  isEmbedderError,
  nextBatch,
  type BatchLimits,
  type Embedder,
  type Loading,
} from '../../../core/memory/embedding/index.ts';
import type { ContentSource } from '../legs.ts';
import type { EmbeddedContent } from './vector-table.ts';

/** An embedder that is at work on the contents of a folder, and what was learnt about it meanwhile. */
export interface EmbeddingRun {
  readonly embedder: Embedder;
  /** What it cannot embed, whatever is tried: it is left out, rather than that all others wait behind it. */
  readonly unfit: Set<string>;
  /** Made smaller when the server says that it takes less at once. */
  limits: BatchLimits;
  /** It has answered well before, so a failure may be the text's and not the embedder's. */
  worked: boolean;
}

export function embeddingRun(embedder: Embedder): EmbeddingRun {
  return { embedder, unfit: new Set(), limits: BATCH_LIMITS, worked: false };
}

export interface EmbedContentsOptions {
  readonly signal: AbortSignal;
  readonly source: Pick<ContentSource, 'textsOf'>;
  readonly onLoading: (loading: Loading) => void;
  /** What has vectors so far; called now and then, and before the end, whatever the end. */
  readonly store: (rows: readonly EmbeddedContent[]) => Promise<void>;
}

/** Embeds contents in batches and stores them as it goes. Throws an `EmbedderError` when the embedder is at fault. */
export async function embedContents(
  run: EmbeddingRun,
  contents: readonly string[],
  options: EmbedContentsOptions,
): Promise<void> {
  let rows: EmbeddedContent[] = [];
  let stored = performance.now();
  const flush = async (): Promise<void> => {
    const ready = rows;
    rows = [];
    stored = performance.now();
    if (ready.length > 0) await options.store(ready);
  };
  try {
    for (let from = 0; from < contents.length; from += READ_AT_ONCE) {
      const wanted = contents.slice(from, from + READ_AT_ONCE);
      const texts = await options.source.textsOf(wanted);
      const items = wanted.flatMap((content) => {
        const text = texts.get(content);
        return text === undefined ? [] : [{ content, text: cutText(text, run.embedder.longestText) }];
      });
      for (let at = 0; at < items.length;) {
        options.signal.throwIfAborted();
        const batch = nextBatch(items, at, run.limits);
        rows.push(...(await embedBatch(run, batch, options)));
        at += batch.length;
        if (rows.length >= STORE_ROWS || performance.now() - stored > STORE_MS) await flush();
        // A search that waits goes first.
        await turn();
      }
    }
  } finally {
    await flush();
  }
}

const READ_AT_ONCE = 512;
/** Each write makes a version and a file, which have to be cleared up again. */
const STORE_ROWS = 1_024;
const STORE_MS = 3_000;

interface Item {
  readonly content: string;
  readonly text: string;
}

async function embedBatch(
  run: EmbeddingRun,
  batch: readonly Item[],
  options: EmbedContentsOptions,
): Promise<readonly EmbeddedContent[]> {
  try {
    const texts = batch.map(({ text }) => text);
    const { signal, onLoading } = options;
    const vectors = await run.embedder.embed(texts, { role: 'document', signal, onLoading });
    run.worked = true;
    return batch.flatMap(({ content }, at) => {
      const vector = vectors[at];
      return vector === undefined ? [] : [{ content, vector }];
    });
  } catch (error) {
    if (!isEmbedderError(error)) throw error;
    const tooMuch = error.kind === 'too-much';
    const mayBeTheText = tooMuch || (run.worked && ['refused', 'bad-answer'].includes(error.kind));
    if (!mayBeTheText) throw error;
    const [first] = batch;
    if (batch.length === 1 && first !== undefined) return await embedAlone(run, first, error, options);
    const half = Math.ceil(batch.length / 2);
    if (tooMuch) run.limits = { texts: half, tokens: Math.ceil(run.limits.tokens / 2) };
    return [
      ...(await embedBatch(run, batch.slice(0, half), options)),
      ...(await embedBatch(run, batch.slice(half), options)),
    ];
  }
}

/** A text that was refused alone: shorter ones are tried, then one that any model takes. If that works it is the text's fault. */
async function embedAlone(
  run: EmbeddingRun,
  item: Item,
  error: Error,
  options: EmbedContentsOptions,
): Promise<readonly EmbeddedContent[]> {
  for (const length of [item.text.length >> 1, item.text.length >> 2, PLAIN.length]) {
    const text = length <= PLAIN.length ? PLAIN : cutText(item.text, length);
    try {
      const [vector] = await run.embedder.embed([text], { role: 'document', signal: options.signal });
      if (text !== PLAIN && vector !== undefined) return [{ content: item.content, vector }];
      run.unfit.add(item.content);
      return [];
    } catch (next) {
      if (!isEmbedderError(next)) throw next;
      error = next;
    }
  }
  throw error;
}

const PLAIN = 'Reads a file.';
