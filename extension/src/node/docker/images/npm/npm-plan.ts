import * as z from 'zod';
import type { ServerSource } from '../../../../core/tools/server-definition.ts';
import type { Engine } from '../../engine.ts';
import { buildImage } from '../build.ts';
import { containerArguments } from '../container-path.ts';
import { contextTooLarge } from '../errors.ts';
import { firstSteps, ownDockerfile, takePipes } from '../init.ts';
import { engineArchitecture, type ImageDetails } from '../inspect.ts';
import { baseLabel, serverLabel, sourceLabel } from '../labels.ts';
import { tagOf, type BuildOptions, type ImagePlan } from '../plan.ts';
import type { ImageRequest } from '../prepared-image.ts';
import { contextArchive, walkTree } from '../tree.ts';
import { platformOf } from './install-arguments.ts';
import { installInContainer } from './install-in-container.ts';
import { installOnHost } from './install-on-host.ts';
import { parsePackage, type PackageSpec } from './package-spec.ts';
import { readStaged } from './staged-package.ts';
import { withStaging } from './staging.ts';

type NpmSource = Extract<ServerSource, { readonly kind: 'npm' }>;

const mebibyte = 1024 * 1024;
const limits = { bytes: 1024 * mebibyte, entries: 200_000 };
const app = '/opt/strata/app';

const labels = {
  version: 'strata.npm.version',
  integrity: 'strata.npm.integrity',
  withScripts: 'strata.npm.scripts',
};

/** The image of an npm package: the package and what it needs on the base image, and nothing of it run yet. */
export async function npmPlan(source: NpmSource, request: ImageRequest): Promise<ImagePlan> {
  const spec = parsePackage(source.package);
  const tag = tagOf(`npm-${spec.name}`, [
    'npm',
    stepsFor(''), // An image that was made by other steps is not current.
    request.base,
    `${spec.name}@${spec.wanted}`,
    source.binary ?? '',
  ]);
  const given = await containerArguments(source.arguments, request.folder);
  return {
    tag,
    needsBase: true,
    build: (engine, options) => install(engine, { ...request, spec, binary: source.binary, tag }, options),
    describe: (found) => ({ ...describe(spec, found), reference: tag, arguments: given }),
  };
}

interface Wanted {
  readonly name: string;
  readonly base: string;
  readonly spec: PackageSpec;
  readonly binary: string | undefined;
  readonly tag: string;
}

async function install(engine: Engine, wanted: Wanted, options: BuildOptions): Promise<void> {
  const { name, spec, binary, tag } = wanted;
  const { signal, onProgress } = options;
  const platform = platformOf({
    architecture: await engineArchitecture(engine, signal),
    reference: wanted.base,
  });
  const shown = `${spec.name}@${spec.wanted}`;
  await withStaging(spec, async (folder) => {
    onProgress(`Fetching ${shown} with npm`);
    const onHost = await installOnHost({ folder, spec: shown, platform, signal });
    if (!onHost) {
      onProgress(`Fetching ${shown} with npm in a container (there is no npm on this machine)`);
      await installInContainer({ engine, base: await options.base(), platform, name, spec, folder, signal });
    }
    const staged = await readStaged(folder, spec, binary);
    const tree = await walkTree(folder, {
      signal,
      maxBytes: limits.bytes,
      maxEntries: limits.entries,
      // The lock is not needed to run, and would change the layer whenever a registry's address does.
      ignored: (entry) => entry !== 'node_modules' && !entry.startsWith('node_modules/'),
      tooLarge: () =>
        contextTooLarge(`The npm package ${spec.name}`, {
          limit: `${limits.bytes / mebibyte} MiB or ${limits.entries} files`,
          advice: 'Build it with a Dockerfile.',
        }),
    });
    const base = await options.base();
    const content = ownDockerfile(stepsFor(staged.script), {
      [serverLabel]: name,
      [sourceLabel]: `npm ${spec.name} ${staged.version}`,
      [baseLabel]: base.id,
      [labels.version]: staged.version,
      [labels.integrity]: staged.integrity,
      [labels.withScripts]: JSON.stringify(staged.withScripts),
    });
    await buildImage(
      engine,
      {
        server: name,
        tag,
        context: () => contextArchive([{ name: 'Dockerfile', content }], tree, 'app/'),
        arguments: { BASE: base.reference },
        network: false,
      },
      options,
    );
  });
}

/** The script's path is an argument of the shell, so that it is a path whatever it holds. */
function stepsFor(script: string): string {
  const entrypoint = ['/opt/strata/sh', '-c', `${takePipes}node "$0" "$@"; exit $?`, `${app}/${script}`];
  return `${firstSteps}COPY app ${app}\nENTRYPOINT ${JSON.stringify(entrypoint)}\n`;
}

function describe({ name }: PackageSpec, { id, labels: found }: ImageDetails) {
  const version = found[labels.version] ?? '';
  const integrity = found[labels.integrity] ?? '';
  return {
    id,
    what: `npm ${name} ${version}`,
    exact: `${name}@${version}`,
    ...(integrity === '' ? {} : { digest: integrity }),
    notes: scriptsNotRun(found[labels.withScripts]),
  };
}

function scriptsNotRun(label: string | undefined): readonly string[] {
  const packages = z.array(z.string()).safeParse(JSON.parse(label ?? '[]')).data ?? [];
  if (packages.length === 0) return [];
  return [
    `Install scripts are not run, and these packages have some: ${packages.join(', ')}. If the server needs what they do, build it with a Dockerfile.`,
  ];
}
