import { LineCounter, parseDocument } from 'yaml';
import type { Document } from 'yaml';
import * as z from 'zod';
import { messageOf } from '../../base/errors.ts';
import { DEFAULT_MAX_STEPS, DEFAULT_TOOLS } from './agent.ts';
import type { AgentDefinition } from './agent.ts';
import { agentFileInvalid } from './errors.ts';

const frontMatter = z
  .object({
    name: z
      .string()
      .regex(/^[A-Za-z][\w-]*$/, 'name must be one word of letters, digits, _ and -')
      .optional(),
    description: z.string().optional(),
    route: z.string().min(1).optional(),
    tools: z.array(z.string().min(1)).optional(),
    maxSteps: z.number().int().min(1).max(1000).optional(),
  })
  .strict();

/** VS Code's own agent files speak of its tools and models, not of ours: only who the agent is counts here. */
const foreignFrontMatter: z.ZodType<z.infer<typeof frontMatter>> = z.object({
  name: z.string().min(1).optional(),
  description: z.string().optional(),
});

/**
 * Reads an `*.agent.md`: YAML front matter between two lines of `---`, the prompt below. Throws `agent-invalid` with the
 * line of the mistake. `path` is relative to the workspace and only for messages and the default name.
 */
export function parseAgentFile(path: string, text: string): AgentDefinition {
  const { yaml, prompt } = split(path, text.replace(/^\uFEFF/, '').replace(/\r\n/g, '\n'));
  const lines = new LineCounter();
  const document = parseDocument(yaml, { lineCounter: lines });
  const mistake = document.errors[0];
  if (mistake) {
    throw agentFileInvalid(path, lines.linePos(mistake.pos[0]).line + 1, firstLine(mistake.message));
  }
  const schema = path.startsWith('.strata/') ? frontMatter : foreignFrontMatter;
  const parsed = schema.safeParse(valuesOf(document, path) ?? {});
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const where = issue?.code === 'unrecognized_keys' ? [issue.keys[0] ?? ''] : (issue?.path ?? []);
    throw agentFileInvalid(
      path,
      lineOf(yaml, String(where[0] ?? '')),
      `${where.join('.')}: ${issue?.message ?? 'not valid'}`,
    );
  }
  if (!prompt.trim())
    throw agentFileInvalid(path, yaml.split('\n').length + 2, 'the prompt below the front matter is empty');
  const name = parsed.data.name?.replace(/[\p{Cc}\s]+/gu, ' ').trim();
  return {
    name: name || (/([^/]+?)(\.agent)?\.md$/.exec(path)?.[1] ?? path),
    description: parsed.data.description ?? '',
    route: parsed.data.route ?? 'code',
    tools: parsed.data.tools ?? DEFAULT_TOOLS,
    maxSteps: parsed.data.maxSteps ?? DEFAULT_MAX_STEPS,
    prompt: prompt.trim(),
  };
}

function valuesOf(document: Document.Parsed, path: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    // Aliases of aliases, which would grow without end.
    throw agentFileInvalid(path, 1, messageOf(error));
  }
}

function split(path: string, text: string): { readonly yaml: string; readonly prompt: string } {
  if (!text.startsWith('---\n')) return { yaml: '', prompt: text };
  const end = /\n---[ \t]*(?:\n|$)/.exec(text.slice(3));
  if (!end) throw agentFileInvalid(path, 1, 'the front matter has no closing line of ---');
  return { yaml: text.slice(4, 3 + end.index + 1), prompt: text.slice(3 + end.index + end[0].length) };
}

/** Line in the file of a top-level key; the front matter begins on line 2. */
function lineOf(yaml: string, key: string): number {
  const index = yaml.split('\n').findIndex((line) => key !== '' && line.startsWith(`${key}:`));
  return index < 0 ? 1 : index + 2;
}

function firstLine(text: string): string {
  return text.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? text;
}
