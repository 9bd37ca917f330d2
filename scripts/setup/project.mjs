import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds package.json, without a slash at its end. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[/\\]$/, '');

/** What is not the source's and may be deleted at any time: logs, downloaded test parts, peers of the benchmarks. */
export const cache = join(root, '.cache');

/** The folder in which the user typed the command: npm changes to the project's folder before it runs a script of it. */
export function userFolder() {
  const { INIT_CWD: typedIn, npm_package_json: manifest } = process.env;
  // A program started by some other npm script inherits these variables too.
  const byNpm = isSame(manifest, join(root, 'package.json')) && isSame(process.cwd(), root);
  return byNpm && typedIn !== undefined && existsSync(typedIn) ? typedIn : process.cwd();
}

/** Something that this machine lacks or that failed during set-up: what happened, then what to do about it. */
export class SetupError extends Error {
  name = 'SetupError';

  constructor(message, action, options) {
    super(message, options);
    this.action = action;
  }
}

function isSame(path, other) {
  return path !== undefined && existsSync(path) && realpathSync(path) === realpathSync(other);
}
