import { createHash, randomUUID } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { strataHome } from '../home.ts';
import type { Engine } from './engine.ts';
import { seccompProfile } from './seccomp.ts';

/** One sentence for each part of the sandbox that this engine does not keep up, for the person to know. */
export function sandboxGaps({ features }: Engine): readonly string[] {
  const missing = (what: string) => `The container engine does not limit ${what}: ${why}`;
  const why = 'its kernel or its rights do not allow it (see `docker info`).';
  return [
    ...(features.memoryLimit ? [] : [missing('memory')]),
    ...(features.memoryLimit && !features.swapLimit ? [missing('swap space')] : []),
    ...(features.processLimit ? [] : [missing('the number of processes')]),
    ...(features.cpuLimit ? [] : [missing('processor time')]),
    ...(features.seccomp
      ? []
      : ['The container engine does not filter system calls: it runs without seccomp.']),
  ];
}

/** Said when an engine could not be given the profile after all. */
export const enginesOwnProfile =
  'System calls are filtered by the container engine’s own list, which is wider than Strata’s: it could not read the profile.';

/**
 * The seccomp profile as the engine wants it: the text itself, or for Podman the path of a file. Undefined where there is no
 * seccomp.
 */
export async function seccompOption(engine: Engine): Promise<string | undefined> {
  if (!engine.features.seccomp) return undefined;
  const profile = seccompProfile();
  if (!engine.features.podman) return profile;
  const folder = join(strataHome(), 'sandbox');
  const file = join(
    folder,
    `seccomp-${createHash('sha256').update(profile).digest('hex').slice(0, 16)}.json`,
  );
  await mkdir(folder, { recursive: true });
  // Whole or not at all, as another container may be starting just now, of this window or of another.
  const fresh = `${file}.${randomUUID()}`;
  await writeFile(fresh, profile);
  await rename(fresh, file);
  return file;
}
