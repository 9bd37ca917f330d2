import type { Tool } from './tool.ts';

export type Approval = 'allow' | 'ask' | 'deny';

/** Tool pattern (`*` stands for any run of characters) → what to do, in the order in which they stand in the file. */
export type ApprovalRules = Readonly<Record<string, Approval>>;

/** What `.strata/tools.jsonc` says. */
export interface ToolPolicy {
  readonly approval: ApprovalRules;
}

/**
 * What to do with a call: the first rule that matches the tool decides. Without one, a tool that can change only the
 * run's own copy is allowed, and any other is asked about.
 */
export function decideApproval(rules: ApprovalRules, tool: Pick<Tool, 'name' | 'effect'>): Approval {
  for (const [pattern, approval] of Object.entries(rules)) {
    if (matchesPattern(pattern, tool.name)) return approval;
  }
  return tool.effect === 'change' ? 'ask' : 'allow';
}

export function matchesPattern(pattern: string, name: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(name);
}
