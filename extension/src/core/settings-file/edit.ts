import {
  applyEdits,
  findNodeAtLocation,
  modify,
  parseTree,
  type FormattingOptions,
  type Node,
} from 'jsonc-parser';
import type { Json } from '../../base/json.ts';

type Path = readonly (string | number)[];

/**
 * The text with the member at `path` set, or taken out where `value` is undefined. Comments and everything else stay as they
 * are written. An empty text becomes an object. The text must be JSON with comments.
 */
export function withValueAt(text: string, path: Path, value: Json | undefined): string {
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  const content = text.slice(mark.length);
  const tree = parseTree(content, [], { allowTrailingComma: true });
  if (value === undefined && !(tree && findNodeAtLocation(tree, [...path]))) return text;
  const begun = tree === undefined ? '{}\n' : content;
  const own = tree && value !== undefined ? added(content, tree, path, value) : undefined;
  return mark + (own ?? modified(begun, path, value));
}

function modified(text: string, path: Path, value: Json | undefined): string {
  const formattingOptions = formattingOf(text);
  return applyEdits(text, modify(text, [...path], value, value === undefined ? {} : { formattingOptions }));
}

/** jsonc-parser writes the members before a new one anew, so this is done here wherever there are some. */
function added(text: string, tree: Node, path: Path, value: Json): string | undefined {
  const there = findNodeAtLocation(tree, [...path]);
  const parent = findNodeAtLocation(tree, path.slice(0, -1));
  const inner = path.at(-1);
  if (!parent && typeof inner === 'string') return added(text, tree, path.slice(0, -1), { [inner]: value });
  const last = parent?.children?.at(-1);
  if (parent?.type !== 'object' || !last) return undefined;
  const { eol, unit } = formOf(text);
  const indentation = /[ \t]*$/.exec(text.slice(0, (there?.parent ?? last).offset))?.[0] ?? '';
  const pretty = JSON.stringify(value, null, unit).replaceAll('\n', `${eol}${indentation}`);
  if (there) return text.slice(0, there.offset) + pretty + text.slice(there.offset + there.length);
  const end = last.offset + last.length;
  const comma = /^\s*,/.exec(text.slice(end));
  const from = end + (comma?.[0].length ?? 0);
  // What is said about the last member stands behind it on its line.
  const remark = /^[ \t]*(\/\/[^\r\n]*|\/\*(?:(?!\*\/)[^\r\n])*\*\/)/.exec(text.slice(from))?.[0] ?? '';
  const name = JSON.stringify(path.at(-1));
  const ownLine = remark.includes('//') || /(^|\n)[ \t]*$/.test(text.slice(0, last.offset));
  const member = ownLine
    ? `${eol}${indentation}${name}: ${pretty}${comma ? ',' : ''}`
    : ` ${name}: ${JSON.stringify(value)}${comma ? ',' : ''}`;
  return `${text.slice(0, end)}${comma?.[0] ?? ','}${remark}${member}${text.slice(from + remark.length)}`;
}

function formOf(text: string): { readonly eol: '\n' | '\r\n'; readonly unit: string } {
  return {
    eol: text.includes('\r\n') ? '\r\n' : '\n',
    unit: /\n([ \t]+)\S/.exec(text)?.[1] ?? '  ',
  };
}

/** As the rest of the file is written. */
function formattingOf(text: string): FormattingOptions {
  const { eol, unit } = formOf(text);
  const insertSpaces = !unit.startsWith('\t');
  return { insertSpaces, tabSize: insertSpaces ? unit.length : 1, eol };
}
