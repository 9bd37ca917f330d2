import type { AgentResult, Crew } from '../crew.ts';

/** The same agent on every part, side by side; `task` makes the words for a part. The answers come in the order of the parts. */
export function fanOut(
  crew: Crew,
  agent: string,
  parts: readonly string[],
  task: (part: string) => string,
  parallel: number,
): Promise<readonly AgentResult[]> {
  return crew.performAll(
    parts.map((part) => ({ agent, task: task(part) })),
    parallel,
  );
}

/** What a model's answer lists: its JSON array of texts, else the items of its list, else its lines. */
export function partsOf(answer: string): readonly string[] {
  const list = jsonList(answer);
  if (list) return list;
  const lines = answer.split('\n').map((line) => line.trim());
  const items = lines.flatMap((line) => /^(?:[-*+]|\d+[.)])\s+(.+)$/.exec(line)?.[1] ?? []);
  return items.length > 0 ? items : lines.filter((line) => line !== '');
}

/** Models put words around the array that they were asked for, or a fence. */
function jsonList(answer: string): readonly string[] | undefined {
  const text = answer.slice(answer.indexOf('['), answer.lastIndexOf(']') + 1);
  try {
    const value: unknown = JSON.parse(text);
    const isList = Array.isArray(value) && value.every((item) => typeof item === 'string');
    return isList && value.length > 0 ? value : undefined;
  } catch {
    return undefined;
  }
}
