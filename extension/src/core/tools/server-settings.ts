import type { CacheRules } from './cache-rules.ts';
import type { ApprovalRules } from './policy.ts';
import type { RateRules } from './rate-limits.ts';
import type { Sandbox } from './server-definition.ts';

/** What `.strata/tools.jsonc` says about one server. */
export interface ServerSettings {
  readonly enabled?: boolean;
  readonly trusted?: boolean;
  /** To run in place of the image that Strata would make. */
  readonly image?: string;
  /** To be built in place of it: path of a Dockerfile, or of a folder with one, relative to the workspace folder. */
  readonly dockerfile?: string;
  readonly sandbox: Partial<Sandbox>;
}

/** What `.strata/tools.jsonc` says. */
export interface ToolSettings {
  readonly approval: ApprovalRules;
  readonly cache: CacheRules;
  readonly rate: RateRules;
  readonly catalogue?: { readonly tokens: number };
  /** Those without a mistake. */
  readonly servers: Readonly<Record<string, ServerSettings>>;
}

export const NO_SETTINGS: ToolSettings = { approval: {}, cache: {}, rate: {}, servers: {} };
