import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { isAbort, messageOf } from '../../../base/errors.ts';
import {
  EmbedderError,
  embeddingModel,
  isEmbedderError,
  type Embedder,
  type EmbedderConfig,
  type EmbedOptions,
} from '../../../core/memory/embedding/index.ts';
import { embedderOf } from '../served-embedder.ts';
import { ModelThread } from './model-thread.ts';
import { ensureModel, type ModelFiles } from './model-files.ts';
import { ensureRuntime } from './runtime.ts';

/** A model that runs on this machine, in a thread of its own. Runtime and model are downloaded at the first text. */
export function transformersEmbedder(config: EmbedderConfig): Embedder {
  let starting: Promise<ModelThread> | undefined;
  const lifetime = new AbortController();

  /** One download for all who wait; each of them may give up. */
  function thread(options: EmbedOptions): Promise<ModelThread> {
    starting ??= start(config, lifetime.signal, options).then(
      (started) => {
        started.onEnd(() => (starting = undefined));
        return started;
      },
      (error: unknown) => {
        starting = undefined;
        throw isEmbedderError(error) || isAbort(error) ? error : notLoaded(error);
      },
    );
    return untilAborted(starting, options.signal);
  }

  return embedderOf(
    config,
    async (texts, options) => {
      const found: Float32Array[] = [];
      // In small batches, so that a query does not wait behind a long one.
      for (let from = 0; from < texts.length; from += AT_ONCE) {
        options.signal.throwIfAborted();
        const running = await thread(options);
        found.push(...(await running.embed(texts.slice(from, from + AT_ONCE), options.signal)));
      }
      return found;
    },
    async () => {
      lifetime.abort();
      await (await starting?.catch(() => undefined))?.end(); // One that did not start has nothing to end.
    },
  );
}

const AT_ONCE = 8;

async function start(
  config: EmbedderConfig,
  signal: AbortSignal,
  options: EmbedOptions,
): Promise<ModelThread> {
  const { downloads, baseUrl, model } = config;
  if (downloads === undefined) throw new Error('a local model needs a place for its files');
  const onLoading = options.onLoading ?? (() => undefined);
  const common = { folder: downloads.folder, signal, onLoading };
  const runtime = await ensureRuntime({ ...common, registry: downloads.registry });
  const files = await ensureModel({ ...common, host: baseUrl, model });
  const pooling = await poolingOf(files, model);
  const { folder, names, weights } = files;
  const worker = new Worker(workerPath(), {
    workerData: { runtime, folder, names, weights, pooling },
    // Without the options of the parent, of which a thread takes few.
    execArgv: [],
    stdout: true,
    stderr: true,
  });
  return await ModelThread.start(worker, signal);
}

/** Beside the bundle, or the source itself where the sources are run. */
function workerPath(): string {
  const inSources = import.meta.url.endsWith('.ts');
  return path.join(import.meta.dirname, inSources ? 'worker.ts' : 'embedding-thread.mjs');
}

/** As the model's repository says, or as is known of the model. */
async function poolingOf(
  { folder, names }: ModelFiles,
  model: string,
): Promise<'mean' | 'cls' | 'last_token'> {
  const name = '1_Pooling/config.json';
  const text = names.includes(name) ? await readFile(path.join(folder, name), 'utf8') : '';
  if (/"pooling_mode_cls_token"\s*:\s*true/.test(text)) return 'cls';
  if (/"pooling_mode_lasttoken"\s*:\s*true/.test(text)) return 'last_token';
  if (/"pooling_mode_mean_tokens"\s*:\s*true/.test(text)) return 'mean';
  return embeddingModel(model).pooling;
}

function notLoaded(error: unknown): EmbedderError {
  return new EmbedderError('refused', `The local model cannot be loaded: ${messageOf(error)}`, {
    action: 'Choose a model that is published for transformers.js, such as Xenova/bge-small-en-v1.5.',
  });
}

async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
