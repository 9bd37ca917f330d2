import { gitAnswer } from './git-command.ts';

/** Where the repository of a folder was cloned from, and where in it the folder lies; undefined without such an address. */
export async function projectRemote(
  folder: string,
): Promise<{ readonly remote: string; readonly inside: string } | undefined> {
  const options = { cwd: folder, limitMs: LIMIT_MS };
  const top = await gitAnswer(['rev-parse', '--show-prefix'], options, isKnown);
  if (top.code !== 0) return undefined;
  // 1: there is none.
  const found = await gitAnswer(['config', '--get', 'remote.origin.url'], options, isKnown);
  if (found.code !== 0) return undefined;
  return { remote: found.output.toString().trim(), inside: top.output.toString().trim() };
}

const LIMIT_MS = 10_000;

/** 128: the folder is in no repository. */
function isKnown(code: number): boolean {
  return code === 0 || code === 1 || code === 128;
}
