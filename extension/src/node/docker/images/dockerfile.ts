import { lstat, readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { messageOf } from '../../../base/errors.ts';
import type { ServerSource } from '../../../core/tools/server-definition.ts';
import { buildImage } from './build.ts';
import { containerArguments } from './container-path.ts';
import { dockerIgnore } from './dockerignore.ts';
import { baseOfBuildFailure } from './engine-words.ts';
import {
  contextTooLarge,
  contextUnreadable,
  dockerfileFailed,
  dockerfileMissing,
  dockerfileOutside,
} from './errors.ts';
import { baseLabel, serverLabel, sourceLabel } from './labels.ts';
import { ownCommand } from './own-command.ts';
import { tagOf, type ImagePlan } from './plan.ts';
import type { ImageRequest } from './prepared-image.ts';
import { contextArchive, hashTree, walkTree, type TreeEntry } from './tree.ts';

type DockerfileSource = Extract<ServerSource, { readonly kind: 'dockerfile' }>;

const mebibyte = 1024 * 1024;
const limits = { bytes: 100 * mebibyte, entries: 20_000 };

/** The image of a Dockerfile in the workspace. Its folder is the context, and `ARG BASE` is given the base image. */
export async function dockerfilePlan(source: DockerfileSource, request: ImageRequest): Promise<ImagePlan> {
  const { name, folder, base, signal } = request;
  const file = await findDockerfile(folder, source.path);
  const context = dirname(file);
  const tree = await contextOf(file, signal);
  const text = await readText(file);
  const needsBase = /^\s*ARG\s+BASE\b/im.test(text);
  const tag = tagOf(`dockerfile-${name}`, [
    'dockerfile',
    needsBase ? base : '',
    basename(file),
    await hashTree(tree, signal),
  ]);
  const shown = relative(await realpath(folder), file)
    .split(sep)
    .join('/');
  const what = `Dockerfile ${shown}`;
  const given = { arguments: await containerArguments(source.arguments, folder) };
  return {
    tag,
    needsBase,
    build: async (engine, { base: getBase, again, ...options }) => {
      const below = needsBase ? await getBase() : undefined;
      await buildImage(
        engine,
        {
          server: name,
          tag,
          context: () => contextArchive([], tree),
          dockerfile: basename(file),
          arguments: below ? { BASE: below.reference } : {},
          labels: { [serverLabel]: name, [sourceLabel]: what, ...(below ? { [baseLabel]: below.id } : {}) },
          network: true,
          again,
          failure: (detail) => baseOfBuildFailure(fromIn(text), detail) ?? dockerfileFailed(shown, detail),
        },
        options,
      );
    },
    describe: (found) => ({
      ...ownCommand(`of ${join(basename(context), basename(file))}`, found, given),
      reference: tag,
      what,
      notes: [],
    }),
  };
}

/** Real path of the file. Neither it nor its folder may be a link that leads out of the workspace. */
async function findDockerfile(folder: string, path: string): Promise<string> {
  const root = await realpath(folder);
  const wanted = resolve(root, path);
  const found = await stat(wanted).catch(() => undefined);
  const file = found?.isDirectory() ? join(wanted, 'Dockerfile') : wanted;
  const real = await realpath(file).catch(() => undefined);
  if (real === undefined) throw dockerfileMissing(path);
  const below = relative(root, real);
  if (below === '..' || below.startsWith(`..${sep}`) || isAbsolute(below)) throw dockerfileOutside(path);
  if (!(await lstat(real)).isFile()) throw dockerfileMissing(path);
  return real;
}

async function contextOf(file: string, signal: AbortSignal): Promise<readonly TreeEntry[]> {
  const context = dirname(file);
  // One beside the Dockerfile that bears its name goes before the general one.
  const rules =
    (await readIfThere(`${file}.dockerignore`)) ?? (await readIfThere(join(context, '.dockerignore')));
  const ignore = dockerIgnore(rules ?? '');
  // The engine itself needs these two, whatever the rules say.
  const needed = new Set([basename(file), '.dockerignore']);
  return walkTree(context, {
    signal,
    maxBytes: limits.bytes,
    maxEntries: limits.entries,
    tooLarge: () =>
      contextTooLarge(context, {
        limit: `${limits.bytes / mebibyte} MiB or ${limits.entries} files`,
        advice:
          'Put the Dockerfile into a folder of its own, or list what it does not need in .dockerignore.',
      }),
    ignored: (entry) => !needed.has(entry) && ignore.ignored(entry),
    entersIgnored: ignore.hasExceptions,
  });
}

async function readIfThere(path: string): Promise<string | undefined> {
  const found = await lstat(path).catch(() => undefined);
  return found?.isFile() ? readText(path) : undefined;
}

async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    throw contextUnreadable(path, messageOf(error));
  });
}

/** The images that the file begins with, for the message when one of them cannot be had. */
function fromIn(dockerfile: string): string {
  const names = [...dockerfile.matchAll(/^\s*FROM\s+(?:--\S+\s+)*(\S+)/gim)].map(([, image]) => image ?? '');
  return names.filter((image) => !image.includes('$')).join(' or ') || 'that the Dockerfile begins with';
}
