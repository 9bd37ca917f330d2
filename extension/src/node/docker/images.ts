import type { ServerSource } from '../../core/tools/server-definition.ts';
import type { Engine } from './engine.ts';
import { imageBuildFailed } from './errors.ts';
import { ensureBaseImage, type BaseImage } from './images/base-image.ts';
import { builtInPlan } from './images/built-in.ts';
import { commandPlan } from './images/command.ts';
import { dockerfilePlan } from './images/dockerfile.ts';
import { notInContainer } from './images/errors.ts';
import { inspectImage } from './images/inspect.ts';
import { baseLabel } from './images/labels.ts';
import { npmPlan } from './images/npm/npm-plan.ts';
import type { ImagePlan } from './images/plan.ts';
import type { ImageRequest, PreparedImage, PrepareRequest } from './images/prepared-image.ts';
import { findRegistryImage, prepareRegistryImage } from './images/registry-image.ts';
import { noteUse } from './images/unused.ts';

/**
 * The image of a server, if it is on the engine already: nothing is built or pulled. For the beginning of a run; images are
 * made when a server is set up.
 */
export async function findImage(
  engine: Engine,
  source: ServerSource,
  request: ImageRequest,
): Promise<PreparedImage | undefined> {
  if (source.kind === 'image') return findRegistryImage(engine, source, request);
  return findPlanned(engine, await planFor(source, request), request);
}

/** The image of a server, built or pulled when it is not there. Throws a `StrataError` that says what is wrong. */
export async function prepareImage(
  engine: Engine,
  source: ServerSource,
  request: PrepareRequest,
): Promise<PreparedImage> {
  const key = JSON.stringify([
    source,
    request.name,
    request.serversDir,
    request.folder,
    request.base,
    request.again,
  ]);
  return engine.shared.preparations.share(key, request, (options) =>
    prepare(engine, source, { ...request, ...options }),
  );
}

async function prepare(
  engine: Engine,
  source: ServerSource,
  request: PrepareRequest,
): Promise<PreparedImage> {
  if (source.kind === 'image') return prepareRegistryImage(engine, source, request);
  const plan = await planFor(source, request);
  const found = request.again ? undefined : await findPlanned(engine, plan, request);
  if (found) return found;
  return engine.shared.preparations.oneByOne(request.signal, () => build(engine, plan, request));
}

async function build(engine: Engine, plan: ImagePlan, request: PrepareRequest): Promise<PreparedImage> {
  // Another server may have been waiting for the very same image.
  const found = request.again ? undefined : await findPlanned(engine, plan, request);
  if (found) return found;
  const { signal, onProgress } = request;
  let base: Promise<BaseImage> | undefined;
  await plan.build(engine, {
    base: () => (base ??= ensureBaseImage(engine, request.base, request)),
    signal,
    onProgress,
    again: request.again ?? false,
  });
  const built = await inspectImage(engine, plan.tag, signal);
  if (!built) throw imageBuildFailed(request.name, 'the engine does not have it after the build');
  return plan.describe(built);
}

function planFor(
  source: Exclude<ServerSource, { kind: 'image' }>,
  request: ImageRequest,
): Promise<ImagePlan> {
  switch (source.kind) {
    case 'built-in':
      return builtInPlan(request);
    case 'npm':
      return npmPlan(source, request);
    case 'dockerfile':
      return dockerfilePlan(source, request);
    case 'command':
      return commandPlan(source, request);
    case 'http':
    case 'editor':
      throw notInContainer(source.kind);
  }
}

/**
 * An image on another base than the engine has now is not current. Where the base itself is not there, the image was built
 * on one of local files, or the base was removed since: it is as good as it was.
 */
async function findPlanned(
  engine: Engine,
  plan: ImagePlan,
  { base, signal }: ImageRequest,
): Promise<PreparedImage | undefined> {
  const [found, below] = await Promise.all([
    inspectImage(engine, plan.tag, signal),
    plan.needsBase ? inspectImage(engine, base, signal) : undefined,
  ]);
  if (!found || (below && found.labels[baseLabel] !== below.id)) return undefined;
  await noteUse(engine, { tag: plan.tag, lastNamed: found.lastNamed }, { now: Date.now(), signal });
  return plan.describe(found);
}

export { defaultBase, ensureBaseImage } from './images/base-image.ts';
export { removeUnusedImages } from './images/unused.ts';
