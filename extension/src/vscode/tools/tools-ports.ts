import type { TextPrompts } from '../text-prompts.ts';
import type { ToolSecrets } from '../tool-secrets.ts';
import type { Results } from './results.ts';
import type { ServerLog } from './server-log.ts';
import type { FoundTools } from './tree.ts';

/** What the commands of the tools' view work with. */
export interface ToolsPorts {
  /** The open folders; opens those that are not yet. */
  readonly find: () => Promise<FoundTools>;
  readonly prompts: TextPrompts;
  readonly secrets: ToolSecrets;
  readonly results: Results;
  readonly log: ServerLog;
  readonly report: (error: unknown) => void;
  /** The view is read anew. */
  readonly refresh: () => void;
  /** Shows a server in the view with its tools. */
  readonly reveal: (folder: string, server: string) => Promise<void>;
}
