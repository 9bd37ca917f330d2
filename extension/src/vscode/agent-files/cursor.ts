/** Where a cursor stands in YAML that may be half-written, judged by its lines and braces alone. */
export interface Cursor {
  /** Keys around it from the outermost; for a value also its own. Lists have no number. */
  readonly path: readonly string[];
  /** In a list a key may begin where a value may. */
  readonly place: 'key' | 'value' | 'item';
  /** What stands before it of the word that it is in. */
  readonly word: string;
}

/** `before` is the YAML up to the cursor. */
export function cursorIn(before: string): Cursor {
  const lines = before.split('\n');
  const { indent, dashes, rest } = partsOf(lines.at(-1) ?? '');
  const path = parents(lines.slice(0, -1), indent);
  const [, key, value] = /^([\w-]+)\s*:(?:\s+(.*)|)$/.exec(rest) ?? [];
  const start = key === undefined ? path : [...path, key];
  const text = key === undefined ? rest : (value ?? '');
  const inner = inBraces(text);
  if (inner) return { ...inner, path: [...start, ...inner.path] };
  if (key !== undefined) return { path: start, place: 'value', word: wordOf(text) };
  return { path, place: dashes ? 'item' : 'key', word: wordOf(rest) };
}

function partsOf(line: string): { readonly indent: number; readonly dashes: boolean; readonly rest: string } {
  const lead = /^\s*(?:-(?:\s+|$))*/.exec(line)?.[0] ?? '';
  return { indent: lead.length, dashes: lead.includes('-'), rest: line.slice(lead.length) };
}

function parents(lines: readonly string[], indent: number): string[] {
  const path: string[] = [];
  let within = indent;
  for (const line of lines.toReversed()) {
    if (line.trim() === '' || line.trimStart().startsWith('#')) continue;
    const { indent: lead, rest } = partsOf(line);
    const key = /^([\w-]+)\s*:\s*([|>][-+\d]*)?\s*(#.*)?$/.exec(rest)?.[1];
    if (lead < within) {
      if (key !== undefined) path.unshift(key);
      within = lead;
    }
    if (within === 0) break;
  }
  return path;
}

/** Inside of `{ key: value, … }` or `[a, b]`, which may not be closed yet. */
function inBraces(text: string): Cursor | undefined {
  const open: { readonly kind: string; key?: string; from: number }[] = [];
  let quote = '';
  for (let index = 0; index < text.length; index++) {
    const sign = text.charAt(index);
    if (quote !== '') {
      if (sign === quote) quote = '';
    } else if (sign === '"' || sign === "'") quote = sign;
    else if (sign === '{' || sign === '[') open.push({ kind: sign, from: index + 1 });
    else if (sign === '}' || sign === ']') open.pop();
    else if (sign === ',') resetLast(open.at(-1), index);
    else if (sign === ':') {
      const last = open.at(-1);
      if (last?.kind === '{') [last.key, last.from] = [text.slice(last.from, index).trim(), index + 1];
    }
  }
  const last = open.at(-1);
  if (!last) return undefined;
  const path = open.flatMap(({ key }) => (key === undefined ? [] : [key]));
  const word = wordOf(text.slice(last.from));
  return { path, place: last.kind === '[' ? 'item' : last.key === undefined ? 'key' : 'value', word };
}

function resetLast(last: { key?: string; from: number } | undefined, index: number): void {
  if (!last) return;
  delete last.key;
  last.from = index + 1;
}

function wordOf(text: string): string {
  return /[\w*.-]*$/.exec(text)?.[0] ?? '';
}
