import { realpath } from 'node:fs/promises';
import type { Engine } from '../../extension/src/node/docker/index.ts';
import { newestNode } from '../../extension/src/node/docker/local-base/node.ts';
import { librariesOf, which } from '../../extension/src/node/docker/local-base/programs.ts';
import { writeTar } from '../../extension/src/node/docker/local-base/tar.ts';
import { dockerOf } from './dockerode.ts';

/**
 * Gives an engine of the test's own a base image under the name that the product asks for: node, a shell and a few
 * commands of this machine, half of what the product would make of its files, in half of the time.
 */
export async function importSmallBase(engine: Engine, [repo, tag]: readonly [string, string]): Promise<void> {
  const signal = AbortSignal.timeout(60_000);
  const path = process.env['PATH'] ?? '';
  const node = await newestNode(path, signal);
  const programs = [{ name: 'usr/local/bin/node', source: node }];
  for (const command of ['sh', 'cat', 'sleep', 'tee']) {
    const source = await which(command, path);
    if (source) programs.push({ name: `usr/bin/${command}`, source });
  }
  const libraries = await librariesOf(
    programs.map(({ source }) => source),
    signal,
  );
  for (const library of libraries)
    // `lib` is a link into `usr` in the image.
    programs.push({ name: library.replace(/^\/(?:usr\/)?/, 'usr/'), source: await realpath(library) });
  const files = programs.map((program) => ({ ...program, mode: 0o755 }));
  const tar = writeTar(() => Promise.resolve({ files, links: [], npm: undefined }));
  const answer = await dockerOf(engine).importImage(tar, { repo, tag });
  let said = '';
  for await (const piece of answer) said += String(piece);
  if (/"error"/.test(said)) throw new Error(`The base image could not be imported: ${said}`);
}
