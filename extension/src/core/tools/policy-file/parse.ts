import * as z from 'zod';
import { parseSettings, type SettingsMistake } from '../../settings-file/index.ts';
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
  const { approval: rules } = parseSettings(text, schema, (mistake) => {
    const { line, column } = mistake.kind === 'content' ? mistake.nameAt : mistake.at;
    return toolPolicyMistake(file, `${line}:${column}`, inWords(mistake));
  });
  return { approval: rules ?? {} };
}

function inWords(mistake: SettingsMistake): string {
  if (mistake.kind === 'content')
    return `${mistake.path === '' ? 'it' : `"${mistake.path}"`} ${mistake.message}`;
  return mistake.empty ? 'it is empty' : `it is no JSON with comments (${mistake.code})`;
}
