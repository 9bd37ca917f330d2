import type { StrataError } from '../../../../base/errors.ts';
import { diskFull } from '../errors.ts';
import {
  npmFailed,
  npmNeedsLogin,
  npmUnreachable,
  packageForOtherPlatform,
  packageHasGitDependency,
  packageNotFound,
  versionNotFound,
} from './errors.ts';

/** Given to npm as the program for git, so that none starts: its hooks and settings would run on this machine. */
export const noGit = 'strata-runs-no-git';

const network =
  /^(?:ENOTFOUND|EAI_AGAIN|ECONN\w+|ETIMEDOUT|ESOCKET\w*|EHOSTUNREACH|ENETUNREACH|ERR_SOCKET_TIMEOUT|EIDLETIMEOUT|E5\d\d|\w*CERT\w*|UNABLE_TO\w+|ERR_TLS\w*|EPROTO)$/;

/** Why an `npm install` failed, by the code that it writes to standard error (`npm error code E404`). */
export function npmFailure(spec: string, output: string): StrataError {
  const lines = output
    .split('\n')
    .map((line) => line.replace(/^npm (?:ERR!|error) ?/, '').trimEnd())
    .filter((line) => line !== '' && !/^A complete log|^Log files were|^\s+at /.test(line));
  const code = lines.map((line) => /^code (\S+)/.exec(line)?.[1]).find((found) => found !== undefined) ?? '';
  const told = lines.filter((line) => !/^(?:code|errno|syscall|path|npm warn)\b/.test(line));
  const detail = told
    .map((line) => line.replace(/^(?:404|notarget|enoent|network)\s*/i, '').trim())
    .filter((line) => line !== '')
    .slice(0, 3)
    .join(' ')
    .slice(0, 500);
  const shown = detail === '' ? code || 'it ended without a reason' : detail;
  if (output.includes(noGit) || code === 'EALLOWGIT' || /of type "git"/.test(output))
    return packageHasGitDependency(spec);
  if (code === 'E404') return packageNotFound(spec);
  if (code === 'ETARGET') return versionNotFound(spec, shown);
  if (/^E40[13]$|^ENEEDAUTH$/.test(code)) return npmNeedsLogin(spec, shown);
  if (code === 'EBADPLATFORM') return packageForOtherPlatform(spec, shown);
  if (code === 'ENOSPC' || /no space left on device/i.test(output)) return diskFull(`npm installs ${spec}`);
  if (network.test(code)) return npmUnreachable(spec, shown);
  return npmFailed(spec, shown);
}
