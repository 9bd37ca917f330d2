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

/** `*` stands for any run of characters, also none. */
export function matchesPattern(pattern: string, name: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return pattern === name;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}
