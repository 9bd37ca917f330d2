import {
  findNodeAtLocation,
  getNodeValue,
  parseTree,
  printParseErrorCode,
  type ParseError,
} from 'jsonc-parser';
import * as z from 'zod';
import { toolPolicyMistake } from '../errors.ts';
import type { ToolPolicy } from '../policy.ts';

const approval = z.enum(['allow', 'ask', 'deny'], 'must be "allow", "ask" or "deny"');

const schema = z.strictObject(
  {
    $schema: z.string().optional(),
    approval: z
      .record(
        z.string().regex(/^[A-Za-z0-9_*-]+$/, 'must be the name of a tool, or a pattern with "*"'),
        approval,
        'must be an object of rules such as "shell_run": "ask"',
      )
      .optional(),
  },
  'must be an object',
);

/** Reads the text of `.strata/tools.jsonc`. Throws one error with line and column for the first mistake. */
export function parseToolPolicy(text: string, file: string): ToolPolicy {
  const content = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const syntax: ParseError[] = [];
  const tree = parseTree(content, syntax, { allowTrailingComma: true });
  const broken = syntax[0];
  if (!tree) throw toolPolicyMistake(file, placeOf(content, 0), 'it is empty');
  if (broken) {
    const what = `it is no JSON with comments (${printParseErrorCode(broken.error)})`;
    throw toolPolicyMistake(file, placeOf(content, broken.offset), what);
  }
  const parsed = schema.safeParse(getNodeValue(tree));
  if (parsed.success) return { approval: parsed.data.approval ?? {} };
  const { path, message } = explain(parsed.error.issues[0]);
  const node = findNodeAtLocation(tree, path) ?? tree;
  // Of a member, the place of its name is shown.
  const offset = node.parent?.type === 'property' ? node.parent.offset : node.offset;
  throw toolPolicyMistake(
    file,
    placeOf(content, offset),
    `${path.length > 0 ? `"${path.join('.')}"` : 'it'} ${message}`,
  );
}

type Path = (string | number)[];

function explain(issue: z.core.$ZodIssue | undefined): { readonly path: Path; readonly message: string } {
  const path = (issue?.path ?? []).map((part) => (typeof part === 'symbol' ? String(part) : part));
  if (issue?.code === 'unrecognized_keys')
    return { path: [...path, ...issue.keys.slice(0, 1)], message: 'is not known here' };
  if (issue?.code === 'invalid_key')
    return { path, message: issue.issues[0]?.message ?? 'is no name of a tool' };
  return { path, message: issue?.message ?? 'is not valid' };
}

/** Line and column, both from 1. */
function placeOf(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n');
  return `${before.length}:${(before.at(-1) ?? '').length + 1}`;
}
