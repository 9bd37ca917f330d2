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
): Pick<PreparedImage, 'id' | 'entrypoint' | 'arguments' | 'environment' | 'user'> {
  // As in `docker run`: another entry point leaves the image's command out, and so do arguments.
  const kept = given.entrypoint || given.arguments.length > 0 ? given.arguments : found.command;
  if ((given.entrypoint ?? found.entrypoint).length === 0 && kept.length === 0) throw imageRunsNothing(image);
  return {
    id: found.id,
    arguments: kept,
    ...(given.entrypoint ? { entrypoint: given.entrypoint } : {}),
    // Its user has no home folder, and `/tmp` is what can be written.
    ...(found.environment.some((one) => one.startsWith('HOME=')) ? {} : { environment: { HOME: '/tmp' } }),
    ...(/^(?:0|root)?(?::|$)/.test(found.user) ? {} : { user: found.user }),
  };
}
