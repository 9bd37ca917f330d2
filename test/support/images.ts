import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { isStrataError } from '../../extension/src/base/errors.ts';
import type { ServerSource } from '../../extension/src/core/tools/index.ts';
import type { Engine } from '../../extension/src/node/docker/index.ts';
import { statusOf } from '../../extension/src/node/docker/engine-request.ts';
import {
  defaultBase,
  ensureBaseImage,
  findImage,
  prepareImage,
} from '../../extension/src/node/docker/images.ts';
import type { PreparedImage, PrepareRequest } from '../../extension/src/node/docker/images/prepared-image.ts';
import { dockerOf } from './dockerode.ts';

export interface ImageWorld {
  readonly folder: string;
  readonly progress: readonly string[];
  prepare(source: ServerSource, more?: Partial<PrepareRequest>): Promise<PreparedImage>;
  find(source: ServerSource): Promise<PreparedImage | undefined>;
  /** The code of the error that preparing ends with, and its text. */
  fails(source: ServerSource): Promise<string>;
  /** Runs an image to its end, without a network, and returns what it wrote. */
  output(image: PreparedImage, options?: { readonly mount?: boolean }): Promise<string>;
}

/**
 * The base image under a name of this process's own: images that are built on it are nobody else's, and nothing has to be
 * found out about it again.
 */
export async function baseForTests(
  engine: Engine,
): Promise<{ readonly base: string; remove(): Promise<void> }> {
  const options = { signal: AbortSignal.timeout(250_000), onProgress: () => undefined };
  const { reference } = await ensureBaseImage(engine, defaultBase, options);
  const repo = 'strata-test-base';
  const tag = String(process.pid);
  await dockerOf(engine).getImage(reference).tag({ repo, tag });
  const base = `${repo}:${tag}`;
  return { base, remove: () => removeImage(engine, base) };
}

/** Prepares images for one test, and removes them after it. */
export function imageWorld(
  t: TestContext,
  engine: Engine,
  { name = 'images-test', base = defaultBase } = {},
): ImageWorld {
  const folder = mkdtempSync(join(tmpdir(), 'strata-images-'));
  const made = new Set<string>();
  const progress: string[] = [];
  const signal = AbortSignal.timeout(250_000);
  const request = { name, serversDir: folder, folder, base, signal };
  const prepare: ImageWorld['prepare'] = async (source, more) => {
    const onProgress = (text: string) => void progress.push(text);
    const image = await prepareImage(engine, source, { ...request, onProgress, ...more });
    made.add(image.reference);
    return image;
  };
  t.after(async () => {
    rmSync(folder, { recursive: true, force: true });
    for (const image of made) await removeImage(engine, image);
  });
  return {
    folder,
    progress,
    prepare,
    find: (source) => findImage(engine, source, request),
    fails: async (source) => {
      try {
        await prepare(source);
        return 'nothing failed';
      } catch (error) {
        if (!isStrataError(error)) throw error;
        return `${error.code}: ${error.message}`;
      }
    },
    output: (image, options) => outputOf(engine, image, options?.mount === true ? folder : undefined),
  };
}

/** One that is gone already is fine; one that a cut-off build still uses is waited for. */
export async function removeImage(engine: Engine, image: string): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      await dockerOf(engine).getImage(image).remove({ force: true });
      return;
    } catch (error) {
      if (statusOf(error) === 404) return;
      if (statusOf(error) !== 409 || tries === 100) throw error;
      await delay(200);
    }
  }
}

async function outputOf(engine: Engine, image: PreparedImage, folder: string | undefined): Promise<string> {
  const container = await dockerOf(engine).createContainer({
    Image: image.id,
    Cmd: [...image.arguments],
    ...(image.entrypoint ? { Entrypoint: [...image.entrypoint] } : {}),
    Tty: true,
    NetworkDisabled: true,
    HostConfig: folder === undefined ? {} : { Binds: [`${folder}:/workspace:ro`] },
  });
  try {
    await container.start();
    await container.wait();
    const log = await container.logs({ stdout: true, stderr: true, follow: false });
    return log.toString('utf8').replaceAll('\r', '').trim();
  } finally {
    await container.remove({ force: true });
  }
}
