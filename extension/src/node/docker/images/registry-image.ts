import type { ServerSource } from '../../../core/tools/server-definition.ts';
import type { Engine } from '../engine.ts';
import { containerArguments } from './container-path.ts';
import { imageNotFound, imageWrongPlatform } from './errors.ts';
import { engineArchitecture, inspectImage, type ImageDetails } from './inspect.ts';
import { ownCommand } from './own-command.ts';
import type { ImageRequest, PreparedImage, PrepareRequest } from './prepared-image.ts';
import { checkImageName, pullImage } from './pull.ts';

type ImageSource = Extract<ServerSource, { readonly kind: 'image' }>;

/** An image of somebody else, if the engine has it. */
export async function findRegistryImage(
  engine: Engine,
  source: ImageSource,
  request: ImageRequest,
): Promise<PreparedImage | undefined> {
  checkImageName(source.image);
  const found = await inspectImage(engine, source.image, request.signal);
  return found && describe(engine, source, { ...request, found });
}

/** The same, pulled when the engine does not have it. */
export async function prepareRegistryImage(
  engine: Engine,
  source: ImageSource,
  request: PrepareRequest,
): Promise<PreparedImage> {
  checkImageName(source.image);
  const present = await inspectImage(engine, source.image, request.signal);
  // An id names what only this engine has.
  const pulls = !source.image.startsWith('sha256:') && (!present || request.again === true);
  if (pulls) await pullImage(engine, source.image, request);
  const found = pulls ? await inspectImage(engine, source.image, request.signal) : present;
  if (!found) throw imageNotFound(source.image, new Error('the engine does not have it'));
  return describe(engine, source, { ...request, found });
}

async function describe(
  engine: Engine,
  source: ImageSource,
  { found, folder, signal }: ImageRequest & { readonly found: ImageDetails },
): Promise<PreparedImage> {
  if (found.os !== 'linux') throw imageWrongPlatform(source.image, `it is made for ${found.os}.`);
  const digest = digestOf(source.image, found);
  const given = { ...source, arguments: await containerArguments(source.arguments, folder) };
  return {
    ...ownCommand(source.image, found, given),
    reference: source.image,
    ...(digest === undefined ? {} : { digest, exact: digest }),
    what: `image ${source.image} (${(digest ?? found.id).replace(/^.*sha256:/, 'sha256:').slice(0, 19)})`,
    notes: otherProcessor(await engineArchitecture(engine, signal), found),
  };
}

/** The digest under the name that was asked for; an image may have been pulled under several. */
function digestOf(image: string, { digests }: ImageDetails): string | undefined {
  const name = repositoryOf(image);
  return digests.find((digest) => repositoryOf(digest) === name) ?? digests[0];
}

/** Without tag and digest, and in the short form that engines list: Docker Hub's own names have no host. */
function repositoryOf(image: string): string {
  const [name = ''] = image.split('@');
  return name.replace(/:[^/:]*$/, '').replace(/^(?:docker\.io\/|index\.docker\.io\/)(?:library\/)?/, '');
}

/** No error: engines of desktop machines run other processors' programs too, and do not say so. */
function otherProcessor(own: string, { architecture }: ImageDetails): readonly string[] {
  if (own === '' || architecture === '' || own === architecture) return [];
  return [
    `The image is for ${architecture} processors and the engine runs on ${own}: it works only where the engine emulates the other one.`,
  ];
}
