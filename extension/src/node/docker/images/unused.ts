import * as z from 'zod';
import type { Engine } from '../engine.ts';
import { engineRequest, statusOf } from '../engine-request.ts';
import { inspectImage } from './inspect.ts';
import { buildLabel, localBaseRepository, serverLabel } from './labels.ts';

const day = 24 * 60 * 60_000;
/** Images are small beside their base, and other folders and versions of Strata may need them. */
const keptMs = 30 * day;
/** A build of another process may be on its way. */
const unfinishedMs = day;

const listSchema = z.array(
  z.object({ Id: z.string(), RepoTags: z.array(z.string()).nullish(), Created: z.number().catch(0) }),
);

export interface UnusedOptions {
  /** Ids of images that are needed: those of all definitions that are known here. */
  readonly keep: ReadonlySet<string>;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly signal: AbortSignal;
}

/**
 * Removes images that Strata made and nobody has used for 30 days: definitions of other folders are not known here, so an
 * image is not unused because no definition names it. One without a name any more was replaced by a newer one, and what an
 * interrupted build left is removed after a day. Bases of local files go last, with the last image that is built on them.
 * What a container still uses stays, and so does what was pulled. Returns how many were removed.
 */
export async function removeUnusedImages(engine: Engine, options: UnusedOptions): Promise<number> {
  const [made, unfinished] = await Promise.all([
    list(engine, serverLabel, options.signal),
    list(engine, buildLabel, options.signal),
  ]);
  const isBase = ({ RepoTags }: Listed) =>
    (RepoTags ?? []).some((tag) => tag.startsWith(`${localBaseRepository}:`));
  const wanted = made.filter(({ Id }) => !options.keep.has(Id));
  let removed = 0;
  for (const image of [...wanted.filter((one) => !isBase(one)), ...wanted.filter(isBase)])
    if ((await isUnused(engine, image, options)) && (await remove(engine, image, options.signal)))
      removed += 1;
  for (const image of unfinished) {
    const old = (image.RepoTags ?? []).length === 0 && image.Created * 1000 < options.now - unfinishedMs;
    if (old && !options.keep.has(image.Id) && (await remove(engine, image, options.signal))) removed += 1;
  }
  return removed;
}

type Listed = z.infer<typeof listSchema>[number];

async function list(engine: Engine, label: string, signal: AbortSignal): Promise<readonly Listed[]> {
  const filters = encodeURIComponent(JSON.stringify({ label: [label] }));
  const path = `/images/json?filters=${filters}`;
  const answer = listSchema.parse(
    JSON.parse(await engineRequest(engine.connection, { method: 'GET', path, signal })),
  );
  // Docker writes `<none>:<none>` for an image without a name.
  return answer.map((image) => ({
    ...image,
    RepoTags: (image.RepoTags ?? []).filter((tag) => !tag.startsWith('<none>')),
  }));
}

async function isUnused(engine: Engine, image: Listed, { now, signal }: UnusedOptions): Promise<boolean> {
  if ((image.RepoTags ?? []).length === 0) return true;
  const found = await inspectImage(engine, image.Id, signal);
  return found !== undefined && found.lastNamed < now - keptMs;
}

/** By its names, so that one that somebody else has named too only loses ours. */
async function remove(engine: Engine, image: Listed, signal: AbortSignal): Promise<boolean> {
  const ours = (image.RepoTags ?? []).filter((tag) => tag.startsWith('strata/'));
  const names = (image.RepoTags ?? []).length === 0 ? [image.Id] : ours;
  let removed = names.length > 0;
  for (const name of names) removed = (await removeByName(engine, name, signal)) && removed;
  return removed;
}

async function removeByName(engine: Engine, name: string, signal: AbortSignal): Promise<boolean> {
  try {
    await engineRequest(engine.connection, { method: 'DELETE', path: `/images/${name}`, signal });
    return true;
  } catch (error) {
    // 404: somebody was faster. 409: a container or another image needs it.
    if (statusOf(error) !== 404 && statusOf(error) !== 409) throw error;
    return false;
  }
}

const renewedMs = day;

/** Notes that an image was used, by giving it its own name again: engines remember when that was. At most once a day. */
export async function noteUse(
  engine: Engine,
  image: { readonly tag: string; readonly lastNamed: number },
  options: { readonly now: number; readonly signal: AbortSignal },
): Promise<void> {
  if (image.lastNamed > options.now - renewedMs) return;
  const [repo = '', tag = ''] = image.tag.split(':');
  const query = new URLSearchParams({ repo, tag }).toString();
  try {
    const path = `/images/${image.tag}/tag?${query}`;
    await engineRequest(engine.connection, { method: 'POST', path, signal: options.signal });
  } catch {
    options.signal.throwIfAborted(); // It may be removed a day early, and is then built again.
  }
}
