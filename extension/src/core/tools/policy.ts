import type { Json, JsonObject } from '../../base/json.ts';
import { holdsFor } from './argument-patterns.ts';
import { matchesPattern } from './name-pattern.ts';
import type { Tool } from './tool.ts';

export type Approval = 'allow' | 'ask' | 'deny';

/** For calls whose arguments are like this: every argument that is named must fit one of its patterns. */
export interface ArgumentRule {
  /** Argument, dotted where it is nested, and its pattern or patterns. See `holdsFor`. */
  readonly arguments: Readonly<Record<string, string | readonly string[]>>;
  readonly decision: Approval;
}

/** What to do with a tool's calls, or in order what to do with which of them. */
export type ApprovalRule = Approval | readonly (Approval | ArgumentRule)[];

/** Tool pattern (`*` stands for any run of characters) → rule, in the order in which they stand in the file. */
export type ApprovalRules = Readonly<Record<string, ApprovalRule>>;

export interface Decision {
  readonly approval: Approval;
  /** The rule that decided, as a person finds it: `"shell_run"`, `"shell_run" with command "git push*"`. Absent for the default. */
  readonly rule?: string;
  /** It decided because of the arguments, so other arguments may be decided otherwise. */
  readonly byArguments: boolean;
}

/**
 * What to do with a call: the first rule that matches tool and arguments decides. Without one, a tool that can change only
 * the run's own copy is allowed, and any other is asked about.
 */
export function decideApproval(
  rules: ApprovalRules,
  tool: Pick<Tool, 'name' | 'effect'>,
  args: JsonObject = {},
): Decision {
  for (const [pattern, rule] of Object.entries(rules)) {
    if (!matchesPattern(pattern, tool.name)) continue;
    for (const one of typeof rule === 'string' ? [rule] : rule) {
      if (typeof one === 'string') return { approval: one, rule: `"${pattern}"`, byArguments: false };
      if (!fits(one, args)) continue;
      return { approval: one.decision, rule: `"${pattern}" with ${inWords(one)}`, byArguments: true };
    }
  }
  return { approval: tool.effect === 'change' ? 'ask' : 'allow', byArguments: false };
}

function fits({ arguments: wanted, decision }: ArgumentRule, args: JsonObject): boolean {
  return Object.entries(wanted).every(([path, patterns]) =>
    holdsFor(
      path.slice(path.lastIndexOf('.') + 1),
      typeof patterns === 'string' ? [patterns] : patterns,
      valuesAt(args, path),
      // What is allowed must be so as a whole; what is not wanted is not wanted in any part.
      decision === 'allow' ? 'every' : 'some',
    ),
  );
}

/** All values at a dotted path; lists on the way stand for each of their items. */
function valuesAt(value: Json, path: string): readonly Json[] {
  let found: readonly Json[] = [value];
  for (const part of path.split('.')) {
    found = found.flatMap(each).flatMap((one) => {
      if (one === null || typeof one !== 'object' || !Object.hasOwn(one, part)) return [];
      const member = (one as JsonObject)[part];
      return member === undefined ? [] : [member];
    });
  }
  return found.flatMap(each);
}

function each(value: Json): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]).flatMap(each) : [value];
}

function inWords({ arguments: wanted }: ArgumentRule): string {
  return Object.entries(wanted)
    .map(([name, patterns]) => `${name} "${[patterns].flat().join('" or "')}"`)
    .join(' and ');
}
