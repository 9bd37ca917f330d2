import { createHash } from 'node:crypto';
import type { Engine } from '../engine.ts';
import type { BaseImage } from './base-image.ts';
import type { ImageDetails } from './inspect.ts';
import type { ImageOptions, PreparedImage } from './prepared-image.ts';

/** How one image is built, and how it is known again. */
export interface ImagePlan {
  /** Its name holds a hash of all that goes into it but the base image, whose id stands in a label. */
  readonly tag: string;
  readonly needsBase: boolean;
  build(engine: Engine, options: BuildOptions): Promise<void>;
  describe(found: ImageDetails): PreparedImage;
}

export interface BuildOptions extends ImageOptions {
  /** Pulls or makes it when it is asked for first: what can be found wrong before is found wrong sooner. */
  base(): Promise<BaseImage>;
  readonly again: boolean;
}

/** `what` may hold anything; engines take lower-case names only. */
export function tagOf(what: string, content: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256');
  for (const part of content) hash.update(`${part.length}\n`).update(part);
  const name = what
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 100);
  return `strata/${name === '' ? 'server' : name}:${hash.digest('hex').slice(0, 16)}`;
}
