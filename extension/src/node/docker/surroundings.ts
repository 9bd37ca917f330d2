import { homedir } from 'node:os';

/** Where this program runs: passed in, so that discovery can be tried out on any machine. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly platform: NodeJS.Platform;
  readonly uid: number | undefined;
}

export function here(): Surroundings {
  return { env: process.env, home: homeFolder(), platform: process.platform, uid: process.getuid?.() };
}

function homeFolder(): string {
  try {
    return homedir();
  } catch {
    return '/'; // A user that the system does not know, as in containers: it has no home.
  }
}
