import type { ServerSource } from '../server-definition.ts';

/** What a command of `.mcp.json` comes to in a container, or in one sentence why it does not and what to do instead. */
export type SourceOfCommand = TranslatedCommand | { readonly unsupported: string };

export interface TranslatedCommand {
  readonly source: Extract<ServerSource, { readonly kind: 'npm' | 'image' | 'command' | 'http' }>;
  readonly environment: Readonly<Record<string, string>>;
  /** Variables whose values the command took from its surroundings. */
  readonly secrets: readonly string[];
  /** What was not taken over, in sentences for people. */
  readonly notes: readonly string[];
}
