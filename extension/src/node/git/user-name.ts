import { gitAnswer } from './git-command.ts';

/** `user.name` as git has it for a folder, also for one that is in no repository; undefined where nobody has set it. */
export async function gitUserName(folder: string): Promise<string | undefined> {
  const options = { cwd: folder, limitMs: LIMIT_MS, asUser: true } as const;
  // 1: it is not set.
  const { code, output } = await gitAnswer(['config', '--get', 'user.name'], options, (one) => one <= 1);
  return code === 0 ? output.toString().trim() || undefined : undefined;
}

/** A run waits for it. */
const LIMIT_MS = 2_000;
