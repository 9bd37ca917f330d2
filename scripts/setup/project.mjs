import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds package.json, without a slash at its end. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[/\\]$/, '');

/** What is not the source's and may be deleted at any time: logs, downloaded test parts, peers of the benchmarks. */
export const cache = join(root, '.cache');

/** Something that this machine lacks or that failed during set-up: what happened, then what to do about it. */
export class SetupError extends Error {
  name = 'SetupError';

  constructor(message, action, options) {
    super(message, options);
    this.action = action;
  }
}
