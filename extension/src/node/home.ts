import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { StrataError } from '../base/errors.ts';

/**
 * Where Strata keeps everything it writes: `STRATA_HOME`, or the platform's folder for application data. The editor and
 * the terminal use the same one, so that a run started in one shows in the other.
 */
export function strataHome(env: NodeJS.ProcessEnv = process.env, platform = process.platform): string {
  if (env['STRATA_HOME']) return path.resolve(env['STRATA_HOME']);
  if (platform === 'win32')
    return path.join(env['LOCALAPPDATA'] || path.join(userHome(), 'AppData', 'Local'), 'strata');
  if (platform === 'darwin') return path.join(userHome(), 'Library', 'Application Support', 'strata');
  // An empty or relative one is to be ignored: https://specifications.freedesktop.org/basedir-spec/latest/
  const data = env['XDG_DATA_HOME'];
  return path.join(data && path.isAbsolute(data) ? data : path.join(userHome(), '.local', 'share'), 'strata');
}

/** A user without an entry in the machine's list of users, as in many containers, has none. */
function userHome(): string {
  try {
    return homedir();
  } catch (error) {
    throw new StrataError(
      'home-unknown',
      'This user has no home folder, so Strata does not know where to keep its files.',
      'Set STRATA_HOME to a folder that can be written.',
      { cause: error },
    );
  }
}

/**
 * The place of one workspace folder in it, keyed by the folder's real path: a key from the editor's workspace id would
 * lose the history when the folder becomes one of several.
 */
export function folderHome(home: string, folder: string): string {
  const real = realpathSync(folder);
  return path.join(home, 'folders', createHash('sha256').update(real).digest('hex').slice(0, 16));
}

/** Models that make vectors on this machine, with what runs them: one copy serves all folders. */
export function embedderHome(home: string): string {
  return path.join(home, 'embedders');
}
