import type { ToolHost } from '../../core/tools/index.ts';

/** Where the servers of a folder can be reached by other programs on this machine. */
export interface Gateway {
  url(server: string): string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Layer 4 of one open folder, as the views and commands need it. */
export interface FolderTools {
  /** File-system path. */
  readonly folder: string;
  readonly name: string;
  readonly host: ToolHost;
  /** Starts it at its first use. */
  gateway(): Promise<Gateway>;
}
