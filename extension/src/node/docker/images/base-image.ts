import { messageOf } from '../../../base/errors.ts';
import type { Engine } from '../engine.ts';
import { engineFailure } from '../engine.ts';
import { baseImageMissing } from '../errors.ts';
import { followImageStream } from '../image-stream.ts';
import { localBase, type LocalBase } from '../local-base.ts';
import { diskFailure } from './engine-words.ts';
import { inspectImage, type ImageDetails } from './inspect.ts';
import { localBaseRepository, serverLabel, sourceLabel } from './labels.ts';
import type { ImageOptions } from './prepared-image.ts';
import { checkImageName, pullImage } from './pull.ts';
import { streamedRequest } from './streamed-request.ts';

export const defaultBase = 'node:22-slim';

export interface BaseImage {
  readonly reference: string;
  readonly id: string;
  /** `made`: of this machine's own files, with all programs that our servers need. */
  readonly origin: 'present' | 'pulled' | 'made';
}

/**
 * The base image: the configured one if it is there or can be pulled, otherwise one made of this machine's own files. One
 * that was made before is used at once, so that a machine without a registry does not wait for it each time.
 */
export async function ensureBaseImage(
  engine: Engine,
  base: string,
  options: ImageOptions,
): Promise<BaseImage> {
  const { signal, onProgress } = options;
  checkImageName(base);
  const present = await inspectImage(engine, base, signal);
  if (present) {
    const made = base.startsWith(`${localBaseRepository}:`);
    return toBase(base, present, made ? 'made' : 'present');
  }
  let local: LocalBase | undefined;
  let cause: unknown;
  try {
    local = await engine.shared.preparations.localBase(() => localBase(process.env['PATH'] ?? '', signal));
  } catch (error) {
    signal.throwIfAborted();
    cause = error;
  }
  const made = local && `${localBaseRepository}:${local.hash}`;
  const madeBefore = made === undefined ? undefined : await inspectImage(engine, made, signal);
  if (made !== undefined && madeBefore) return toBase(made, madeBefore, 'made');
  try {
    await pullImage(engine, base, options);
    return await presentBase(engine, base, { signal, origin: 'pulled' });
  } catch (error) {
    signal.throwIfAborted();
    const gone = await engineFailure(engine);
    if (gone) throw gone;
    if (!local || made === undefined)
      throw baseImageMissing(base, new Error(`${messageOf(error)}; ${messageOf(cause)}`, { cause: error }));
    onProgress(
      `${base} cannot be pulled (${messageOf(error).slice(0, 120)}): making a base image of local files`,
    );
    await importBase(engine, local, options);
    return presentBase(engine, made, { signal, origin: 'made' });
  }
}

async function presentBase(
  engine: Engine,
  reference: string,
  { signal, origin }: { readonly signal: AbortSignal; readonly origin: BaseImage['origin'] },
): Promise<BaseImage> {
  const found = await inspectImage(engine, reference, signal);
  if (!found) throw baseImageMissing(reference, new Error('the engine does not have it after all'));
  return toBase(reference, found, origin);
}

function toBase(reference: string, found: ImageDetails, origin: BaseImage['origin']): BaseImage {
  return { reference, id: found.id, origin };
}

async function importBase(engine: Engine, local: LocalBase, options: ImageOptions): Promise<void> {
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(180_000)]);
  try {
    const stream = await streamedRequest(engine, {
      path: '/images/create',
      query: {
        fromSrc: '-',
        repo: `${localBaseRepository}:${local.hash}`, // Podman overlooks a `tag` of its own.
        changes: `LABEL ${serverLabel}=base ${sourceLabel}=local-files`,
      },
      body: local.tar(),
      signal,
      limitMs: 180_000,
    });
    await followImageStream(stream, { signal, silenceMs: 60_000 });
  } catch (error) {
    options.signal.throwIfAborted();
    throw (
      (await engineFailure(engine)) ??
      diskFailure('making a base image', messageOf(error)) ??
      baseImageMissing(localBaseRepository, error)
    );
  }
}
