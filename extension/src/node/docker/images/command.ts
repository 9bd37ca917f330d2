import { isAbsolute, relative, resolve, sep } from 'node:path';
import { stat } from 'node:fs/promises';
import type { ServerSource } from '../../../core/tools/server-definition.ts';
import { buildImage } from './build.ts';
import { belowFolder, containerArguments, workspacePath } from './container-path.ts';
import { commandMissing, commandOutside } from './errors.ts';
import { firstSteps, ownDockerfile, takePipes } from './init.ts';
import { baseLabel, serverLabel, sourceLabel } from './labels.ts';
import { tagOf, type ImagePlan } from './plan.ts';
import type { ImageRequest } from './prepared-image.ts';
import { contextArchive } from './tree.ts';

type CommandSource = Extract<ServerSource, { readonly kind: 'command' }>;

const exitOfMissing = 127;

/** A program of the base image, or a script of the workspace, under our init process and in the workspace. */
export async function commandPlan(source: CommandSource, request: ImageRequest): Promise<ImagePlan> {
  const { name, base, folder } = request;
  const command = await commandInContainer(source.command, folder);
  const program = command.includes('/') ? undefined : command;
  const steps = stepsFor(program);
  const what = `command ${[source.command, ...source.arguments].join(' ')}`.slice(0, 200);
  const tag = tagOf(program === undefined ? 'command' : `command-${program}`, ['command', base, steps]);
  const given = await containerArguments(source.arguments, folder);
  return {
    tag,
    needsBase: true,
    build: async (engine, { base: getBase, ...options }) => {
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
                content: ownDockerfile(steps, {
                  [serverLabel]: name,
                  [sourceLabel]: `command ${program ?? 'of the workspace'}`,
                  [baseLabel]: below.id,
                }),
              },
            ]),
          arguments: { BASE: below.reference },
          network: false,
          failure: (detail) =>
            program !== undefined && new RegExp(`non-zero code: ${exitOfMissing}\\b`).test(detail)
              ? commandMissing(program, base)
              : undefined,
        },
        options,
      );
    },
    describe: ({ id }) => ({
      id,
      reference: tag,
      what,
      arguments: [command, ...given],
      notes: [],
    }),
  };
}

/**
 * A program that the base lacks is found out while the image is built, where somebody reads it, and not when it first runs.
 * The name goes to the shell as an argument, so that it is a name whatever it holds.
 */
function stepsFor(program: string | undefined): string {
  const check = ['/opt/strata/sh', '-c', `command -v "$0" > /dev/null || exit ${exitOfMissing}`, program];
  return [
    firstSteps,
    `ENTRYPOINT ${JSON.stringify(['/opt/strata/sh', '-c', `${takePipes}"$0" "$@"; exit $?`])}\n`,
    ...(program === undefined ? [] : [`RUN ${JSON.stringify(check)}\n`]),
  ].join('');
}

/** A name is looked up on the PATH of the container; a path must lead into the workspace, or to an installed program. */
async function commandInContainer(command: string, folder: string): Promise<string> {
  const [given = command] = await containerArguments([command], folder);
  if (given === workspacePath || given.startsWith(`${workspacePath}/`)) return given;
  if (isAbsolute(given) || /^[a-z]:[\\/]/i.test(given)) {
    // An installed program is taken by its name: the container has its own, or says that it has none.
    const installed = /[\\/]bin[\\/]([\w.+-]+)$|[\\/](node)(?:\.exe)?$/i.exec(given);
    const name = installed?.[1] ?? installed?.[2];
    if (name === undefined) throw commandOutside(command);
    return name;
  }
  if (!/[\\/]/.test(given)) return given;
  const path = resolve(folder, given);
  const below = belowFolder(path, folder);
  if (below === undefined) throw commandOutside(command);
  const found = await stat(path).catch(() => undefined);
  if (!found) throw commandMissing(command, 'or the workspace');
  return `${workspacePath}/${relative(resolve(folder), path).split(sep).join('/')}`;
}
