import { userInfo } from 'node:os';
import type { Json } from './base/json.ts';
import type { Environment } from './core/models/index.ts';
import type { SecretFilter } from './core/redaction/index.ts';
import { gitUserName } from './node/git/index.ts';

export interface FolderUserParts {
  readonly folder: string;
  /** The setting as it is now; a host without settings has STRATA_USER in its environment. */
  readonly setting: (() => Json | undefined) | undefined;
  readonly env: Environment;
  readonly secrets: Pick<SecretFilter, 'text'>;
}

/** Who starts the folder's runs, as the log is to say it. */
export interface FolderUser {
  /** As it was last learned; undefined where runs are to name nobody. */
  name(): string | undefined;
  /** To be awaited before a run is started. Git is asked again after a minute. */
  learn(): Promise<void>;
}

/** What the setting says by itself: the name that git writes into commits, which a team knows already. */
const FROM_GIT = 'git';
const KNOWN_MS = 60_000;
/** Of characters: a name, and no text. */
const LONGEST = 100;

export function folderUser({ folder, setting, env, secrets }: FolderUserParts): FolderUser {
  let inGit: string | undefined;
  let asked: { readonly at: number; readonly answer: Promise<void> } | undefined;
  const wanted = (): string => {
    const given = setting ? setting() : env['STRATA_USER'];
    return typeof given === 'string' ? plain(given) : FROM_GIT;
  };
  const ask = async (): Promise<void> => {
    try {
      inGit = await gitUserName(folder);
    } catch {
      // Without git there is still the account; what needs git says what is wrong with it.
      inGit = undefined;
    }
  };
  return {
    name: () => {
      const given = wanted();
      const name = given === FROM_GIT ? plain(inGit ?? '') || accountName(env) : given;
      return name === '' ? undefined : secrets.text(name);
    },
    learn: async () => {
      if (wanted() !== FROM_GIT) return;
      const now = Date.now();
      if (!asked || now - asked.at >= KNOWN_MS) asked = { at: now, answer: ask() };
      await asked.answer;
    },
  };
}

function accountName(env: Environment): string {
  try {
    return plain(userInfo().username);
  } catch {
    // A container may run under a number that no account has.
    return plain(env['USER'] ?? env['USERNAME'] ?? '');
  }
}

/** On one line: it is shown in tables and sent as an attribute. */
function plain(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  return [...line].slice(0, LONGEST).join('').toWellFormed();
}
