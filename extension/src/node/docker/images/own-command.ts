import { imageRunsNothing } from './errors.ts';
import type { ImageDetails } from './inspect.ts';
import type { PreparedImage } from './prepared-image.ts';

interface Given {
  readonly entrypoint?: readonly string[];
  readonly arguments: readonly string[];
}

/** How to run an image that somebody else made: its own entry point and command, where nothing else is given. */
export function ownCommand(
  image: string,
  found: ImageDetails,
  given: Given,
): Pick<PreparedImage, 'id' | 'entrypoint' | 'arguments' | 'environment'> {
  // As in `docker run`: another entry point leaves the image's command out, and so do arguments.
  const kept = given.entrypoint || given.arguments.length > 0 ? given.arguments : found.command;
  if ((given.entrypoint ?? found.entrypoint).length === 0 && kept.length === 0) throw imageRunsNothing(image);
  const home = found.environment.find((one) => one.startsWith('HOME='))?.slice('HOME='.length);
  return {
    id: found.id,
    arguments: kept,
    ...(given.entrypoint ? { entrypoint: given.entrypoint } : {}),
    // Containers get `/tmp` as their home unless something else is said; an image that says so itself knows why.
    ...(home === undefined ? {} : { environment: { HOME: home } }),
  };
}
