import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serverFilesMissing } from '../errors.ts';
import { buildImage } from './build.ts';
import { ownDockerfile } from './init.ts';
import { baseLabel, serverLabel, sourceLabel } from './labels.ts';
import { tagOf, type ImagePlan } from './plan.ts';
import type { ImageRequest } from './prepared-image.ts';
import { contextArchive } from './tree.ts';

/** A Dockerfile of ours says with this line that it fetches what the base image lacks. */
const networkMark = /^#\s*network\s*$/m;

/** The image of one of our own servers. */
export async function builtInPlan({ name, serversDir, base }: ImageRequest): Promise<ImagePlan> {
  const [dockerfile, server] = await Promise.all([
    readServerFile(join(serversDir, name, 'Dockerfile')),
    readServerFile(join(serversDir, name, 'server.mjs')),
  ]);
  const tag = tagOf(name, ['built-in', base, dockerfile, server]);
  const what = `built-in ${name}`;
  return {
    tag,
    needsBase: true,
    build: async (engine, { base: getBase, again, ...options }) => {
      const below = await getBase();
      await buildImage(
        engine,
        {
          server: name,
          tag,
          context: () =>
            contextArchive([
              {
                name: 'Dockerfile',
                content: ownDockerfile(dockerfile.toString('utf8'), {
                  [serverLabel]: name,
                  [sourceLabel]: what,
                  [baseLabel]: below.id,
                }),
              },
              { name: 'server.mjs', content: server },
            ]),
          arguments: { BASE: below.reference },
          // A base of this machine's own files has everything, and such a machine reaches no archive.
          network: networkMark.test(dockerfile.toString('utf8')) && below.origin !== 'made',
          again,
        },
        options,
      );
    },
    describe: ({ id }) => ({
      id,
      reference: tag,
      what,
      arguments: [],
      notes: [],
    }),
  };
}

async function readServerFile(path: string): Promise<Buffer> {
  return readFile(path).catch((cause: unknown) => {
    throw serverFilesMissing(path, cause);
  });
}
