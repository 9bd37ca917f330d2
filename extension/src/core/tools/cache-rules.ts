import type { ServerDefinition } from './server-definition.ts';
import { matchesPattern } from './name-pattern.ts';
import type { Tool } from './tool.ts';

/**
 * Whether results of a tool are kept: `true` for as long as what it reads is the same, which for files is their git tree;
 * `seconds` where nobody can know, as on the web; `false` for not at all.
 */
export type CacheRule = boolean | { readonly seconds: number };

/** Tool pattern → rule, the first that matches. */
export type CacheRules = Readonly<Record<string, CacheRule>>;

/** What is kept under a key that also holds the state of the files, and for how long. */
export interface CacheLife {
  readonly byFiles: boolean;
  readonly seconds?: number;
}

const WEB_SECONDS = 600;

/** A commit that was made since, a command: what no tree of files tells of. */
const DEFAULTS: CacheRules = {
  web_fetch: { seconds: WEB_SECONDS },
  'git_*': false,
  'shell_*': false,
  'code_*': false,
  'memory_*': false,
};

/** Undefined where a result must not be kept, whatever a person says: only what reads can be answered without being done. */
export function cacheLife(
  rules: CacheRules,
  tool: Pick<Tool, 'name' | 'effect'>,
  { sandbox, source, trusted }: Pick<ServerDefinition, 'sandbox' | 'source' | 'trusted'>,
): CacheLife | undefined {
  if (tool.effect !== 'read' || !trusted) return undefined;
  const rule = ruleFor(rules, tool.name) ?? ruleFor(DEFAULTS, tool.name);
  const byFiles = sandbox.files !== 'none';
  const reachesOut = sandbox.network.length > 0 || source.kind === 'http' || source.kind === 'editor';
  if (rule === false) return undefined;
  if (typeof rule === 'object') return { byFiles, seconds: rule.seconds };
  // What comes over a network changes with time.
  if (rule === true) return { byFiles, ...(reachesOut ? { seconds: WEB_SECONDS } : {}) };
  return byFiles && !reachesOut ? { byFiles } : undefined;
}

function ruleFor(rules: CacheRules, tool: string): CacheRule | undefined {
  return Object.entries(rules).find(([pattern]) => matchesPattern(pattern, tool))?.[1];
}
