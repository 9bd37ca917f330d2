import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import * as z from 'zod';
import { isStrataError, messageOf } from '../../base/errors.ts';
import { engineFailure, statusOf, type Engine } from './engine.ts';
import { baseImageMissing, imageBuildFailed, serverFilesMissing } from './errors.ts';
import { engineRequest } from './engine-request.ts';
import { followImageStream } from './image-stream.ts';
import { untilAnswered } from './until-answered.ts';
import { localBase, type LocalBase } from './local-base.ts';

export const defaultBase = 'node:22-slim';

export interface ImageOptions {
  readonly signal: AbortSignal;
  /** One line about what is being done, for people. */
  readonly onProgress: (text: string) => void;
}

export interface BaseImage {
  readonly reference: string;
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
  if (await imageId(engine, base, options.signal)) return { reference: base, origin: 'present' };
  let local: LocalBase | undefined;
  let cause: unknown;
  try {
    local = await localBase(process.env['PATH'] ?? '', options.signal);
  } catch (error) {
    options.signal.throwIfAborted();
    cause = error;
  }
  const made = local && `strata/base:${local.hash}`;
  if (made && (await imageId(engine, made, options.signal))) return { reference: made, origin: 'made' };
  try {
    options.onProgress(`Pulling ${base}`);
    await pull(engine, base, options);
    return { reference: base, origin: 'pulled' };
  } catch (error) {
    options.signal.throwIfAborted();
    const gone = await engineFailure(engine);
    if (gone) throw gone;
    if (!local || !made)
      throw baseImageMissing(base, new Error(`${messageOf(error)}; ${messageOf(cause)}`, { cause: error }));
    options.onProgress(
      `${base} cannot be pulled (${messageOf(error).slice(0, 120)}): making a base image of local files`,
    );
    await importBase(engine, local, options);
    return { reference: made, origin: 'made' };
  }
}

/** The image of a server, built when there is none for these very files and this base yet. */
export async function ensureServerImage(
  engine: Engine,
  server: { readonly name: string; readonly folder: string; readonly base: string },
  options: ImageOptions,
): Promise<string> {
  const context = await Promise.all(
    ['Dockerfile', 'server.mjs'].map(async (name) => {
      const path = join(server.folder, name);
      const content = await readFile(path).catch((cause: unknown) => {
        throw serverFilesMissing(path, cause);
      });
      return { name, content };
    }),
  );
  const hash = createHash('sha256').update(
    (await imageId(engine, server.base, options.signal)) ?? server.base,
  );
  for (const { name, content } of context) hash.update(`\n${name} ${content.length}\n`).update(content);
  const tag = `strata/${server.name}:${hash.digest('hex').slice(0, 16)}`;
  if (await imageId(engine, tag, options.signal)) return tag;

  options.onProgress(`Building ${tag}`);
  const tar = pack();
  for (const { name, content } of context) tar.entry({ name, mode: 0o644 }, content);
  tar.finalize();
  const limit = AbortSignal.any([options.signal, AbortSignal.timeout(300_000)]);
  try {
    const stream = await engine.docker.buildImage(Readable.from(tar), {
      t: tag,
      buildargs: { BASE: server.base },
      labels: { 'strata.server': server.name },
      networkmode: 'none',
      rm: true,
      forcerm: true,
      abortSignal: limit,
    });
    await followImageStream(stream, { signal: limit, silenceMs: 120_000, onProgress: () => undefined });
    return tag;
  } catch (error) {
    options.signal.throwIfAborted();
    if (isStrataError(error)) throw error;
    throw (await engineFailure(engine)) ?? imageBuildFailed(server.name, messageOf(error));
  }
}

const imageSchema = z.object({ Id: z.string() });

/** The id of an image; undefined when the engine does not have it. */
async function imageId(engine: Engine, reference: string, signal: AbortSignal): Promise<string | undefined> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(20_000)]);
  try {
    const path = `/images/${reference}/json`;
    return imageSchema.parse(
      JSON.parse(await engineRequest(engine.connection, { method: 'GET', path, signal: limit })),
    ).Id;
  } catch (error) {
    signal.throwIfAborted();
    if (statusOf(error) === 404) return undefined;
    throw (await engineFailure(engine)) ?? error;
  }
}

async function pull(engine: Engine, reference: string, options: ImageOptions): Promise<void> {
  // A registry that cannot be reached may be noticed only after many seconds; a pull that moves may take as long as it needs.
  const stream = await untilAnswered({ signal: options.signal, limitMs: 30_000 }, (abortSignal) =>
    engine.docker.createImage({ fromImage: withTag(reference), abortSignal }),
  );
  await followImageStream(stream, { signal: options.signal, silenceMs: 30_000, onProgress: () => undefined });
}

/** Without a tag the engine would pull every tag there is. */
function withTag(reference: string): string {
  return /[:@][^/]*$/.test(reference) ? reference : `${reference}:latest`;
}

async function importBase(engine: Engine, local: LocalBase, options: ImageOptions): Promise<void> {
  const limit = AbortSignal.any([options.signal, AbortSignal.timeout(180_000)]);
  const stream = await engine.docker.importImage(local.tar(), {
    repo: 'strata/base',
    tag: local.hash,
    abortSignal: limit,
  });
  await followImageStream(stream, { signal: limit, silenceMs: 60_000, onProgress: () => undefined });
}
